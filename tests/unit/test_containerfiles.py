"""The Containerfile against the tree it copies and the modules it runs."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from gallery.erased_memory import VARIABLE, with_tunables
from infra.models.manifest import manifest
from infra.settings import OTHER_VARIABLES, PORTS

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8").replace("\\\n", "")
PARENTS = dict(reversed(pair) for pair in re.findall(r"^FROM (\S+) AS (\S+)$", TEXT, re.MULTILINE))
BODIES = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", TEXT, re.MULTILINE | re.DOTALL))
MODULES = {
    "fusion": "fusion",
    "face": "services.face",
    "fingerprint": "services.fingerprint",
    "iris": "services.iris",
}
SHARDED = {f"sharded-{name}": module for name, module in MODULES.items() if name != "fusion"}
SENT = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def instructions(stage: str, name: str) -> list[str]:
    """The arguments of every instruction of a name, in a stage and those it begins from."""
    before = instructions(PARENTS[stage], name) if PARENTS[stage] in BODIES else []
    return before + re.findall(rf"^{name} (.*)$", BODIES[stage], re.MULTILINE)


def held(stage: str) -> set[str]:
    """The stages that an image takes files from."""
    return {line.split()[0].removeprefix("--from=") for line in instructions(stage, "COPY")}


@pytest.mark.parametrize("service", [*MODULES, *SHARDED])
def test_entrypoint(service):
    """The entry point runs the service's module, on the port that the code listens on."""
    (entrypoint,) = instructions(service, "ENTRYPOINT")
    module = {**MODULES, **SHARDED}[service]
    assert ["python", "-m", module] == json.loads(entrypoint)
    assert importlib.util.find_spec(f"{module}.__main__") is not None
    assert [str(PORTS[service.removeprefix("sharded-")])] == instructions(service, "EXPOSE")


def test_copied_files_exist():
    """Everything that is copied is in the tree and sent to the builder."""
    copied = [
        word.rstrip("/")
        for line in re.findall(r"^COPY (.*)$", TEXT, re.MULTILINE)
        for word in line.split()[:-1]
        if "--from" not in line
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source.partition('/')[0]}" in SENT


@pytest.mark.parametrize("service", MODULES)
def test_what_an_image_holds(service):
    """The packages of the service's role, the project and the service's models: nothing of the other stages."""
    own = {"fusion-packages"} if service == "fusion" else {"matching-packages", f"{service}-models"}
    assert own | {"wheel"} == held(service)


@pytest.mark.parametrize("service", SHARDED)
def test_what_an_image_for_a_cluster_holds(service):
    """The packages with Ray, the project and the service's models; a shard's own image has no models."""
    assert {"cluster-packages", "wheel", f"{service.removeprefix('sharded-')}-models"} == held(service)
    assert {"cluster-packages", "wheel"} == held("shard")


@pytest.mark.parametrize("role", ["cluster", "fusion", "matching"])
def test_packages_are_those_of_the_roles_lock(role):
    """The packages of a role are installed from its lock, with hashes."""
    (line,) = [each for each in instructions(f"{role}-packages", "RUN") if "install" in each]
    assert f"install --require-hashes -r locks/{role}.lock " in line


@pytest.mark.parametrize("service", [*MODULES, "shard", *SHARDED])
def test_final_stage(service):
    """The service runs as a user without rights and writes to /tmp only."""
    environment = dict(word.split("=", 1) for line in instructions(service, "ENV") for word in line.split())
    assert ["65532:65532"] == instructions(service, "USER")
    assert "/tmp/numba" == environment["NUMBA_CACHE_DIR"]
    assert with_tunables("") == environment[VARIABLE]
    assert OTHER_VARIABLES == {name for name in environment if name.startswith("BIOFUSION_")}


def test_every_model_is_in_an_image():
    """Each model of the manifest is fetched for one service."""
    fetched = re.findall(r"-m infra\.models\.fetch (.+)$", TEXT, re.MULTILINE)
    assert sorted(manifest().models) == sorted(name for names in fetched for name in names.split())


def test_image_for_operators():
    """It holds the command line besides the project and the packages of its own lock, and runs `biofusion gallery`."""
    assert ["python", "-m", "cli", "gallery"] == json.loads(*instructions("gallery", "ENTRYPOINT"))
    assert {"gallery-packages", "wheel", "cli/"} == held("gallery")
    (line,) = [each for each in instructions("gallery-packages", "RUN") if "install" in each]
    assert "install --require-hashes -r locks/gallery.lock " in line
    assert ["65532:65532"] == instructions("gallery", "USER")
