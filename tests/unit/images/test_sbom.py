from __future__ import annotations

import json
from pathlib import Path

import pytest

from images.sbom import bill_of_materials

DEBIAN = "Package: {}\nVersion: 1.0-2\nArchitecture: amd64\n"


def made(root: Path) -> Path:
    """The file system of an image with one Python package."""
    folder = root / "venv/lib/python3.11/site-packages/some_thing-2.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.4\nName: some_thing\nVersion: 2.0\nLicense-Expression: MIT\n")
    return root / "var/lib/dpkg"


def purls(text: str) -> set[str]:
    """The packages that a list names."""
    return {each["purl"] for each in json.loads(text)["components"]}


@pytest.mark.parametrize("kept", ["status", "status.d"])
def test_packages_are_listed(tmp_path: Path, kept: str):
    """Packages of Python and of Debian are listed, however the base keeps the latter."""
    state = made(tmp_path)
    stanzas = {name: DEBIAN.format(name) for name in ("one", "other")}
    if kept == "status":
        state.mkdir(parents=True)
        (state / "status").write_text("\n".join(stanzas.values()))
    else:
        (state / "status.d").mkdir(parents=True)
        for name, stanza in stanzas.items():
            (state / "status.d" / name).write_text(stanza)
    text = bill_of_materials(tmp_path, "biofusion/face", ["sha256:1"])
    debian = {f"pkg:deb/debian/{name}@1.0-2?arch=amd64" for name in stanzas}
    assert debian | {"pkg:pypi/some-thing@2.0"} == purls(text)


def test_equal_images_have_equal_lists(tmp_path: Path):
    """The list of an image is the same whenever it is made, and names the image by its layers."""
    made(tmp_path)
    one, same, other = (bill_of_materials(tmp_path, "biofusion/face", [layer]) for layer in ("a", "a", "b"))
    assert one == same
    assert one != other
