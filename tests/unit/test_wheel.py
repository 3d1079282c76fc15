"""What the wheel holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


FOLDERS = [
    "adapters",
    "audit",
    "biometrics",
    "cli",
    "console",
    "evaluation",
    "formats",
    "fusion",
    "gallery",
    "infra",
    "rendering",
    "review",
    "services",
]
"""What the wheel holds beside the generated code."""


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The files in the wheel that this tree makes."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as files:
        return files.namelist()


def test_folders(names):
    """The wheel holds what users run, and nothing of research, tests or tools."""
    folders = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert {"biofusion", *FOLDERS} == folders


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_and_what_it_reads(names, folder):
    """Each folder is there as a whole: its modules, and the files beside them that they read."""
    kept = {".py", ".json", ".toml", ".onnx", ".css", ".sha256", ".html", ".mjs", ".svg"}
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.suffix in kept}
    assert set() == expected - set(names)
