"""The Containerfile against the tree it copies and the modules it runs."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from adapters.mosip_abis import app as mosip_abis
from adapters.mosip_biosdk import app as mosip_biosdk
from adapters.osia import app as osia
from gallery.erased_memory import VARIABLE, with_tunables
from infra.kernels.built import FOLDER
from infra.models.manifest import manifest
from infra.settings import OTHER_VARIABLES, PORTS, Settings

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
SHARDED = {f"sharded-{name}": module for name, module in MODULES.items()}
SECRETS = "--mount=type=secret,id=pip --mount=type=secret,id=certificates"
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
    own = {f"{service}-models", f"{service}-kernels", "matching-packages"}
    assert {"wheel"} | ({"fusion-packages"} if service == "fusion" else own) == held(service)


@pytest.mark.parametrize("service", SHARDED)
def test_what_an_image_for_a_cluster_holds(service):
    """The packages with Ray, the project and the service's models; a shard's own image has no models."""
    name = service.removeprefix("sharded-")
    own = set() if name == "fusion" else {f"{name}-models", f"{name}-kernels"}
    assert {"cluster-packages", "wheel"} | own == held(service)
    assert {"cluster-packages", "wheel"} == held("shard")


@pytest.mark.parametrize("role", ["adapters", "cluster", "console", "fusion", "gallery", "matching"])
def test_packages_are_those_of_the_roles_lock(role):
    """The packages of a role are installed from its lock, with hashes."""
    assert [f"{SECRETS} sh locks/install.sh {role}"] == instructions(f"{role}-packages", "RUN")
    assert f"locks/{role}.lock locks/{role}.lock" in instructions(f"{role}-packages", "COPY")
    assert 'install --require-hashes -r "locks/$1.lock"' in (ROOT / "locks/install.sh").read_text(encoding="utf-8")


def test_what_reaches_a_registry_gets_the_secrets():
    """Each step of a build that fetches packages or models can be told how, and no other is."""
    steps = re.findall(r"^RUN (.*)$", TEXT, re.MULTILINE)
    fetching = [each for each in steps if re.search(r"--require-hashes|install\.sh|models\.fetch", each)]
    assert fetching == [each for each in steps if each.startswith(SECRETS)]


@pytest.mark.parametrize("modality", [name for name in MODULES if name != "fusion"])
def test_kernels_are_compiled_for_the_cpu_that_the_image_states(modality):
    """The kernels of a service are compiled from the files and with the settings that it runs with."""
    stage = f"{modality}-kernels"
    assert [f"python -m services.kernels {modality}"] == instructions(stage, "RUN")
    assert "NUMBA_CPU_NAME=${CPU} NUMBA_CPU_FEATURES= " in " ".join(instructions(modality, "ENV"))
    assert held("matching") | {f"{modality}-models"} == held(stage)
    assert f"--from={stage} /kernels /models/{FOLDER}" in instructions(modality, "COPY")


@pytest.mark.parametrize("service", [*MODULES, "shard", *SHARDED, "adapters", "console"])
def test_final_stage(service):
    """The service runs as a user without rights and writes to /tmp only."""
    environment = dict(word.split("=", 1) for line in instructions(service, "ENV") for word in line.split())
    assert ["65532:65532"] == instructions(service, "USER")
    assert "/tmp/numba" == environment["NUMBA_CACHE_DIR"]
    assert with_tunables("") == environment[VARIABLE]
    assert OTHER_VARIABLES == {name for name in environment if name.startswith("BIOFUSION_")}


def test_every_model_is_in_an_image():
    """Each model of the manifest is fetched for one service, and each script for the console."""
    fetched = re.findall(r"-m infra\.models\.fetch (.+)$", TEXT, re.MULTILINE)
    known = manifest().models | manifest().scripts
    assert sorted(known) == sorted(name for names in fetched for name in names.split())


def test_image_for_operators():
    """It holds the command line besides the project and the packages of its own lock, and runs `biofusion gallery`."""
    assert ["python", "-m", "cli", "gallery"] == json.loads(*instructions("gallery", "ENTRYPOINT"))
    assert {"gallery-packages", "wheel", "cli/"} == held("gallery")
    assert ["65532:65532"] == instructions("gallery", "USER")


def test_image_of_the_console():
    """It holds the console, its command and its script besides the project and the packages of its own lock."""
    assert ["python", "-m", "cli", "console"] == json.loads(*instructions("console", "ENTRYPOINT"))
    assert [str(Settings().console_port)] == instructions("console", "EXPOSE")
    assert {"console-packages", "console-scripts", "wheel", "cli/", "console/"} == held("console")


def test_image_of_the_adapters():
    """It holds the adapters and their commands, which its argument names, and the ports that they listen on."""
    assert ["python", "-m", "cli"] == json.loads(*instructions("adapters", "ENTRYPOINT"))
    assert ["8060 8061 9099"] == instructions("adapters", "EXPOSE")
    assert [8060, 8061, 9099] == [osia.PORT, mosip_abis.PORT, mosip_biosdk.PORT]
    assert {"adapters-packages", "wheel", "cli/", "adapters/"} == held("adapters")
