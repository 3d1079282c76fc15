"""The Containerfiles against the tree they copy and the modules they run."""

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
FOLDERS = {"fusion": "fusion", "face": "services/face", "fingerprint": "services/fingerprint", "iris": "services/iris"}
FILES = {room: (ROOT / folder / "Containerfile").read_text(encoding="utf-8") for room, folder in FOLDERS.items()}
IGNORED = (ROOT / ".containerignore").read_text(encoding="utf-8").splitlines()


def instructions(room: str, name: str) -> list[str]:
    """The arguments of every instruction of a name, continued lines joined."""
    return re.findall(rf"^{name} (.*)$", FILES[room].replace("\\\n", ""), re.MULTILINE)


@pytest.mark.parametrize("room", FILES)
def test_entrypoint(room):
    """The entry point runs the service's module, on the port that the code listens on."""
    (entrypoint,) = instructions(room, "ENTRYPOINT")
    module = FOLDERS[room].replace("/", ".")
    assert ["python", "-m", module] == json.loads(entrypoint)
    assert importlib.util.find_spec(f"{module}.__main__") is not None
    assert [str(PORTS[room])] == instructions(room, "EXPOSE")


@pytest.mark.parametrize("room", FILES)
def test_copied_files_exist(room):
    """Everything that is copied is in the tree and sent to the builder."""
    copied = [
        word.rstrip("/") for line in instructions(room, "COPY") for word in line.split()[:-1] if "--from" not in line
    ]
    assert copied
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in IGNORED


@pytest.mark.parametrize("room", FILES)
def test_final_stage(room):
    """The service runs as a user without rights and writes to /tmp only."""
    environment = dict(word.split("=", 1) for line in instructions(room, "ENV")[1:] for word in line.split())
    assert ["65532:65532"] == instructions(room, "USER")
    assert "/tmp/numba" == environment["NUMBA_CACHE_DIR"]
    assert with_tunables("") == environment[VARIABLE]
    assert OTHER_VARIABLES == {name for name in environment if name.startswith("BIOFUSION_")}


def test_every_model_is_in_an_image():
    """Each model of the manifest is fetched for one service, and fusion needs none."""
    wanted = {room: re.search(r'^ARG MODELS="(.*)"$', text, re.MULTILINE)[1].split() for room, text in FILES.items()}
    assert [] == wanted["fusion"]
    assert sorted(manifest().models) == sorted(name for names in wanted.values() for name in names)


@pytest.mark.parametrize("room", FILES)
def test_containerfiles_are_one_text(room):
    """But for name, folder, port and models the four files are the same."""
    text = re.sub(r'MODELS=".*"', 'MODELS=""', FILES[room]).replace(str(PORTS[room]), "50050")
    text = text.replace(FOLDERS[room] + "/Containerfile", "fusion/Containerfile")
    text = text.replace(FOLDERS[room].replace("/", "."), "fusion").replace(f"The {room} service", "The fusion service")
    assert FILES["fusion"] == text.replace(f"biofusion/{room}:dev", "biofusion/fusion:dev")
