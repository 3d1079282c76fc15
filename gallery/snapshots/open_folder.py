"""Opens the folder of the snapshots by the setting that names it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from biometrics.errors import ConfigurationInvalid
from gallery.snapshots.directory import Directory
from gallery.snapshots.folder import SnapshotFolder

S3 = "s3://"


def open_folder(place: str, endpoint_url: str = "") -> SnapshotFolder | None:
    """The folder of the snapshots.

    Args:
        place: path of a local directory, or `s3://bucket/folder`, which needs the extra `aws`; "": no snapshots.
        endpoint_url: address of an object store that is not AWS; "" for AWS.

    Raises:
        ConfigurationInvalid: no bucket is named, or it is another URL.
        SnapshotsUnavailable: the object store cannot be used with the present settings of its client.
        ModuleNotFoundError: boto3 is not installed.
    """
    if not place:
        return None
    if not place.startswith(S3):
        if "://" in place:
            raise ConfigurationInvalid(f"{place} cannot be used. Name a directory, or {S3}bucket/folder.")
        return Directory(Path(place))
    bucket, _, folder = place.removeprefix(S3).partition("/")
    if not bucket:
        raise ConfigurationInvalid(f"{place} names no bucket. Write it as {S3}bucket/folder.")
    prefix = folder.rstrip("/") + "/" if folder.strip("/") else ""
    module = import_module("gallery.snapshots.s3")  # so that boto3 is needed by those only who use it
    opened: SnapshotFolder = module.S3Folder(bucket, prefix, endpoint_url)
    return opened
