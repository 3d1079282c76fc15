"""Erasures make snapshots of their partition unreadable, complete ones and those that are being written."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import SnapshotUnusable
from gallery.sealing.key_table import KeyRef
from gallery.snapshots.chunks import FRAME
from gallery.snapshots.directory import Directory
from gallery.snapshots.fault import Fault
from gallery.snapshots.header import Header, digest_of
from gallery.snapshots.writing import make_snapshot
from tests.support.fakes.meanwhile_backend import MeanwhileBackend
from tests.support.fakes.snapshot_gallery import MODALITY, SnapshotGallery


def files(path: Path) -> list[str]:
    """Names of all files."""
    return sorted(each.name for each in path.iterdir())


async def test_erasure(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """After an erasure the partition's snapshots are unusable, and no key that is left opens an old copy of a file."""
    row = (await gallery.make()).row
    other = (await gallery.make(1)).row
    copy = (tmp_path / row.name).read_bytes()
    await gallery.erase((await gallery.in_partition(0))[0])
    assert list(await gallery.backend.snapshots(MODALITY, [0, 1])) == [other]
    with pytest.raises(SnapshotUnusable) as raised:
        await gallery.read(row, gallery.reopened())
    assert raised.value.reason == Fault.KEY_GONE
    header = Header(gallery.backend.store_id, row).packed
    sealed = copy[len(header) + FRAME.size :][: FRAME.unpack_from(copy, len(header))[0]]
    keys = gallery.reopened().keys_of(await gallery.backend.identity())
    refs = [KeyRef(page, slot) for page in range(len(gallery.table.kept)) for slot in range(256)]
    left = [key for key in [*await keys.find(0, refs), *await keys.find(1, refs)] if key]
    assert len(left) > 256
    for key in left:
        with pytest.raises(InvalidTag):
            AESGCM(key).decrypt(bytes(12), sealed, digest_of(header) + bytes(12))


async def test_key_opens_the_file_before_the_erasure(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The first chunk is opened by the key of the snapshot as the test of erasures tries it."""
    row = (await gallery.make()).row
    raw = (tmp_path / row.name).read_bytes()
    header = Header(gallery.backend.store_id, row).packed
    sealed = raw[len(header) + FRAME.size :][: FRAME.unpack_from(raw, len(header))[0]]
    keys = gallery.store.keys_of(await gallery.backend.identity())
    (key,) = await keys.find(0, [KeyRef.unpack(row.key_slot)])
    assert key
    assert AESGCM(key).decrypt(bytes(12), sealed, digest_of(header) + bytes(12))


async def test_next_run_removes_files_of_an_erasure(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The unreadable files that an erasure leaves are removed when the next snapshot is made."""
    await gallery.make()
    await gallery.erase((await gallery.in_partition(0))[0])
    made = await gallery.make()
    assert files(tmp_path) == [made.row.name]
    assert await gallery.read(made.row) == await gallery.stored()


async def test_erasure_meanwhile(tmp_path: Path) -> None:
    """If a subject of the partition is erased while a snapshot is written, none is registered and no file is left."""
    backend = MeanwhileBackend(partition_count=1)
    gallery = SnapshotGallery(Directory(tmp_path), backend)
    await gallery.enroll(10)
    backend.meanwhile = lambda: gallery.erase("s3")
    assert await make_snapshot(gallery.store, gallery.folder, 0, MODALITY, page_size=2) is None
    assert list(await backend.snapshots(MODALITY, [0])) == []
    assert files(tmp_path) == []
    assert await backend.key_slots() == []
