"""Paths that jobs may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid, FieldInvalid
from fusion.jobs.folders import JobFolders


@pytest.fixture
def folders(tmp_path: Path) -> JobFolders:
    """Two folders, beside a file that no job may read, with links to it."""
    (tmp_path / "secret").write_text("x")
    (tmp_path / "one-more").mkdir()
    (tmp_path / "one-more" / "f").write_text("x")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "a").mkdir()
    (tmp_path / "one" / "a" / "f").write_text("x")
    (tmp_path / "one" / "out").symlink_to(tmp_path)
    (tmp_path / "one" / "file-out").symlink_to(tmp_path / "secret")
    (tmp_path / "one" / "loop").symlink_to(tmp_path / "one" / "loop")
    (tmp_path / "one" / "within").symlink_to(tmp_path / "two")
    return JobFolders.parse(os.pathsep.join(str(tmp_path / name) for name in ("one", "two")))


def test_paths_within_the_folders_are_found(folders: JobFolders, tmp_path: Path) -> None:
    """A path may be absolute or relative to one of the folders; a link within them is followed."""
    file = (tmp_path / "one" / "a" / "f").resolve()
    for path in ("a/f", "./a//f", str(file)):
        assert file == folders.to_read(path, "path")
    assert (tmp_path / "one").resolve() == folders.to_read(str(tmp_path / "one"), "path")
    assert (tmp_path / "one" / "new").resolve() == folders.to_write("new", "path")
    assert (tmp_path / "two" / "new").resolve() == folders.to_write(str(tmp_path / "one" / "within" / "new"), "path")


@pytest.mark.parametrize(
    "path",
    [
        *("", "../secret", "a/../../secret", "a/..", "..", "out/secret", "file-out", "loop", "loop/x", "/etc/passwd"),
        *("/", "a/f\0", "~", "$HOME", "\ud800", "x" * 5000, "missing", "a/f/g", "out/one-more/f"),
    ],
)
def test_other_paths_are_refused(folders: JobFolders, path: str) -> None:
    """What leads out of the folders, by dots or by links, is refused, and so is what is not there."""
    with pytest.raises(FieldInvalid) as caught:
        folders.to_read(path, "spec.path")
    assert "spec.path" == caught.value.field


@pytest.mark.parametrize(
    "path", ["", "../new", "out/new", "/tmp/new", "a", "a/f", "missing/new", "a/f/new", "file-out"]
)
def test_nothing_is_written_elsewhere(folders: JobFolders, path: str) -> None:
    """A new file is in an existing folder, and replaces nothing."""
    with pytest.raises(FieldInvalid):
        folders.to_write(path, "path")


def test_a_folder_whose_name_continues_another_is_outside(folders: JobFolders, tmp_path: Path) -> None:
    """Names are compared as a whole."""
    with pytest.raises(FieldInvalid):
        folders.to_read(str(tmp_path / "one-more" / "f"), "path")


def test_without_the_setting_there_is_nothing(tmp_path: Path) -> None:
    """No folder is allowed by default; one that is relative or not there is refused."""
    with pytest.raises(FieldInvalid):
        JobFolders.parse("").to_read(str(tmp_path), "path")
    for text in ("relative", str(tmp_path / "missing")):
        with pytest.raises(ConfigurationInvalid):
            JobFolders.parse(text)
