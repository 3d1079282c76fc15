"""Opening the folder of the snapshots by its setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from gallery.snapshots.directory import Directory
from gallery.snapshots.open_folder import open_folder
from gallery.snapshots.s3 import S3Folder


def test_no_folder() -> None:
    """Without a place there are no snapshots."""
    assert open_folder("") is None


def test_directory(tmp_path: Path) -> None:
    """A path is a local directory."""
    assert isinstance(open_folder(str(tmp_path)), Directory)


@pytest.mark.parametrize(("folder", "prefix"), [("", ""), ("/", ""), ("/a/b", "a/b/"), ("/a/b/", "a/b/")])
def test_bucket(monkeypatch: pytest.MonkeyPatch, folder: str, prefix: str) -> None:
    """A bucket may have a folder, whose name ends with one slash."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    opened = open_folder(f"s3://templates{folder}")
    assert isinstance(opened, S3Folder)
    assert (opened._bucket, opened._folder) == ("templates", prefix)


def test_another_url() -> None:
    """A URL of another scheme is refused, and is no directory."""
    with pytest.raises(ConfigurationInvalid, match="cannot be used"):
        open_folder("gs://templates/a")


@pytest.mark.parametrize("place", ["s3://", "s3:///a"])
def test_no_bucket(place: str) -> None:
    """A place without a bucket is refused."""
    with pytest.raises(ConfigurationInvalid, match="names no bucket"):
        open_folder(place)
