"""What every folder of snapshots does: a local directory, and a bucket of a real S3 server on loopback."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from biometrics.errors import SnapshotsUnavailable, SnapshotUnusable
from gallery.snapshots.directory import Directory
from gallery.snapshots.fault import Fault
from gallery.snapshots.folder import OpenFile, SnapshotFolder
from gallery.snapshots.s3 import PART_BYTES, S3Folder
from tests.support.fakes.snapshot_gallery import SnapshotGallery

BUCKET = "templates"


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    """Address of an S3 server with a bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> S3Folder:
    """An empty folder in a bucket."""
    for name, value in (("ACCESS_KEY_ID", "k"), ("SECRET_ACCESS_KEY", "s"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    boto3.client("s3", endpoint_url=s3_address).create_bucket(Bucket=BUCKET)
    return S3Folder(BUCKET, f"{uuid.uuid4()}/", s3_address)


@pytest.fixture(params=["directory", "s3"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> SnapshotFolder:
    """An empty folder of each kind."""
    made: SnapshotFolder = request.getfixturevalue("s3") if request.param == "s3" else Directory(tmp_path / "new")
    return made


def put(folder: SnapshotFolder, name: str, *data: bytes) -> None:
    """Write a file."""
    part = folder.begin(name)
    for each in data:
        part.write(each)
    part.publish()


def read(file: OpenFile, size: int) -> bytes:
    """Up to so many bytes."""
    buffer = bytearray(size)
    return bytes(buffer[: file.readinto(memoryview(buffer))])


def test_content(folder: SnapshotFolder) -> None:
    """A file has what was written to it, in one stream, and is read in pieces of any size."""
    put(folder, "a-1", b"abc", b"", b"defgh")
    file = folder.open("a-1")
    assert file.size == 8
    assert [read(file, size) for size in (1, 4, 0, 9, 9)] == [b"a", b"bcde", b"", b"fgh", b""]
    file.close()


def test_several_parts(folder: SnapshotFolder) -> None:
    """A file that is larger than what is uploaded at once is whole."""
    pieces = [bytes([number]) * (PART_BYTES // 3) for number in range(8)]
    put(folder, "a-1", *pieces)
    file = folder.open("a-1")
    assert file.size == sum(map(len, pieces))
    assert [read(file, PART_BYTES // 3) for _ in pieces] == pieces
    file.close()


def test_names(folder: SnapshotFolder) -> None:
    """Complete files are listed by prefix and in order, and removed by name; removing what is not there is no error."""
    assert list(folder.names("")) == []
    for name in ("b-1", "a-2", "a-1"):
        put(folder, name, b"x")
    part = folder.begin("a-3")
    part.write(b"x")
    assert list(folder.names("a-")) == ["a-1", "a-2"]
    part.discard()
    folder.delete("a-1")
    folder.delete("a-1")
    assert list(folder.names("")) == ["a-2", "b-1"]


def test_missing(folder: SnapshotFolder) -> None:
    """A file that is not there, or not complete, is MISSING."""
    part = folder.begin("a-2")
    part.write(b"x")
    for name in ("a-1", "a-2"):
        with pytest.raises(SnapshotUnusable) as raised:
            folder.open(name)
        assert raised.value.reason == Fault.MISSING
    part.discard()


def test_discarded(folder: SnapshotFolder) -> None:
    """A file that was discarded by its writer, or by another run, does not appear, and publishing it then fails."""
    part = folder.begin("a-1")
    part.write(b"x")
    part.discard()
    other, third = folder.begin("a-2"), folder.begin("b-1")
    for each in (other, third):
        each.write(b"x")
    folder.discard_parts("a-")
    with pytest.raises(SnapshotsUnavailable):
        other.publish()
    third.publish()
    assert list(folder.names("")) == ["b-1"]


async def test_snapshots(folder: SnapshotFolder) -> None:
    """Snapshots are written, kept, removed and read in it."""
    gallery = SnapshotGallery(folder)
    await gallery.enroll(20)
    rows = [(await gallery.make()).row for _ in range(3)]
    assert list(folder.names("")) == sorted(row.name for row in rows[1:])
    assert await gallery.read(rows[2]) == await gallery.stored()


def test_no_directory(tmp_path: Path) -> None:
    """A path at which no directory can be is SnapshotsUnavailable."""
    (tmp_path / "file").write_bytes(b"")
    folder = Directory(tmp_path / "file")
    with pytest.raises(SnapshotsUnavailable, match="not a directory"):
        folder.names("")
    with pytest.raises(SnapshotsUnavailable, match="file exists"):
        folder.begin("a-1")


def test_no_bucket(s3: S3Folder, s3_address: str) -> None:
    """A bucket that does not exist is SnapshotsUnavailable with what the server says."""
    folder = S3Folder("no-such-bucket", "", s3_address)
    with pytest.raises(SnapshotsUnavailable, match="NoSuchBucket"):
        folder.names("")
    with pytest.raises(SnapshotsUnavailable, match="NoSuchBucket"):
        folder.open("a-1")


def test_no_server(s3: S3Folder) -> None:
    """A server that does not answer is SnapshotsUnavailable."""
    folder = S3Folder(BUCKET, "", "http://127.0.0.1:9")
    with pytest.raises(SnapshotsUnavailable, match="EndpointConnectionError"):
        folder.names("")
