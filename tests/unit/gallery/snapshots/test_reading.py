"""Reading snapshots, and refusing bad ones by name."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import SnapshotUnusable
from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.key_table import KeyRef
from gallery.snapshots.chunks import FRAME
from gallery.snapshots.directory import Directory
from gallery.snapshots.fault import Fault
from gallery.snapshots.header import FIRST, MAGIC, VERSION, Header
from gallery.store.backend import SnapshotRow
from tests.support.fakes.snapshot_gallery import Rows, SnapshotGallery, content


async def refusal(gallery: SnapshotGallery, row: SnapshotRow) -> str:
    """Reason why a snapshot is refused; what was read before must be right."""
    pages: list[ReferencePage] = []
    stored = await gallery.stored(row.partition)

    async def read() -> None:
        async for page in gallery.pages(row):
            pages.append(page)  # noqa: PERF401  # must be there when an error is raised

    with pytest.raises(SnapshotUnusable) as raised:
        await read()
    assert content(pages).items() <= stored.items()
    assert raised.value.metadata["snapshot"] == row.name
    return raised.value.reason


async def refusal_of(gallery: SnapshotGallery, tmp_path: Path, row: SnapshotRow, raw: bytes) -> str:
    """Reason why a file of this content is refused."""
    (tmp_path / row.name).write_bytes(raw)
    return await refusal(gallery, row)


async def test_missing(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """A snapshot whose file was removed is MISSING."""
    row = (await gallery.make()).row
    (tmp_path / row.name).unlink()
    assert await refusal(gallery, row) == Fault.MISSING


async def test_other_partition(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The file of another partition under this one's name is OTHER_PARTITION."""
    row, other = (await gallery.make(0)).row, (await gallery.make(1)).row
    raw = (tmp_path / other.name).read_bytes()
    assert await refusal_of(gallery, tmp_path, row, raw) == Fault.OTHER_PARTITION


async def test_other_modality(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The file of another modality is OTHER_MODALITY."""
    row = (await gallery.make()).row
    header = Header(gallery.backend.store_id, replace(row, modality=Modality.IRIS)).packed
    assert await refusal_of(gallery, tmp_path, row, header) == Fault.OTHER_MODALITY


async def test_other_store(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The file of another store is OTHER_STORE."""
    row = (await gallery.make()).row
    assert await refusal_of(gallery, tmp_path, row, Header("ffffffff", row).packed) == Fault.OTHER_STORE


async def test_other_epoch_in_the_file(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """The file of another epoch of the partition is OTHER_EPOCH."""
    row = (await gallery.make()).row
    earlier = replace(row, position=replace(row.position, epoch="12345678"))
    assert await refusal_of(gallery, tmp_path, row, Header(gallery.backend.store_id, earlier).packed) == (
        Fault.OTHER_EPOCH
    )


async def test_store_set_back(gallery: SnapshotGallery) -> None:
    """A snapshot made before the store was set back is OTHER_EPOCH."""
    row = (await gallery.make()).row
    await gallery.backend.renew_epochs([row.position])
    assert await refusal(gallery, row) == Fault.OTHER_EPOCH


async def test_too_old(gallery: SnapshotGallery) -> None:
    """A snapshot is TOO_OLD when the feed does not reach back to it."""
    row = (await gallery.make()).row
    await gallery.enroll(20, first=100)
    gallery.backend.trim()
    assert await refusal(gallery, row) == Fault.TOO_OLD


async def test_newer_version(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """A file of a newer version is NEWER_VERSION."""
    row = (await gallery.make()).row
    raw = (tmp_path / row.name).read_bytes()
    newer = FIRST.pack(MAGIC, VERSION + 1, 5) + raw[FIRST.size :]
    assert await refusal_of(gallery, tmp_path, row, newer) == Fault.NEWER_VERSION


async def test_wrong_key(gallery: SnapshotGallery) -> None:
    """A file that was sealed with another key than the registered one is DAMAGED."""
    row = (await gallery.make()).row
    ref = KeyRef.unpack(row.key_slot)
    page = bytearray(gallery.table.kept[ref.page])
    page[32 * (ref.slot + 1)] ^= 1
    gallery.table.kept[ref.page] = bytes(page)
    gallery.store = gallery.reopened()
    assert await refusal(gallery, row) == Fault.DAMAGED


async def test_lost_key_table(gallery: SnapshotGallery) -> None:
    """A snapshot whose key the key table does not have is KEY_GONE."""
    row = (await gallery.make()).row
    assert await refusal(gallery, replace(row, key_slot=KeyRef(7, 1).packed)) == Fault.KEY_GONE


def chunks(raw: bytes, row: SnapshotRow) -> list[bytes]:
    """The header and the chunks of a file."""
    place = len(Header("0a1b2c3d", row).packed)
    parts = [raw[:place]]
    while place < len(raw):
        end = place + FRAME.size + FRAME.unpack_from(raw, place)[0]
        parts.append(raw[place:end])
        place = end
    return parts


async def test_moved_chunks(gallery: SnapshotGallery, tmp_path: Path) -> None:
    """A chunk that was moved, left out or repeated is DAMAGED; a file whose last chunks are missing is TRUNCATED."""
    row = (await gallery.make()).row
    header, first, second, *others = chunks((tmp_path / row.name).read_bytes(), row)
    for parts in ([second, first, *others], [second, *others], [first, first, second, *others], [others[-1]]):
        assert await refusal_of(gallery, tmp_path, row, header + b"".join(parts)) == Fault.DAMAGED
    for parts in ([], [first], [first, second]):
        assert await refusal_of(gallery, tmp_path, row, header + b"".join(parts)) == Fault.TRUNCATED
    whole = header + first + second + b"".join(others)
    assert await refusal_of(gallery, tmp_path, row, whole + b"\0") == Fault.DAMAGED
    (tmp_path / row.name).write_bytes(whole)
    assert await gallery.read(row) == await gallery.stored()


class Spoilt:
    """A snapshot file of which many spoilt versions are read."""

    def __init__(self, folder: Path) -> None:
        self.gallery = SnapshotGallery(Directory(folder))
        asyncio.run(self.gallery.enroll(60))
        self.row = asyncio.run(self.gallery.make()).row
        self.path = folder / self.row.name
        self.raw = self.path.read_bytes()

    def refused(self, raw: bytes) -> str:
        """Reason why this content is refused."""
        self.path.write_bytes(raw)
        return asyncio.run(refusal(self.gallery, self.row))

    def read(self) -> Rows:
        """What the present content has."""
        return asyncio.run(self.gallery.read(self.row))


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Spoilt:
    """A file to be spoilt."""
    return Spoilt(tmp_path_factory.mktemp("spoilt"))


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_any_changed_bytes(spoilt: Spoilt, data: st.DataObject) -> None:
    """A file in which any bytes were changed is refused by name, and yields no wrong subject before."""
    places = data.draw(
        st.dictionaries(st.integers(0, len(spoilt.raw) - 1), st.integers(1, 255), min_size=1, max_size=3)
    )
    raw = bytearray(spoilt.raw)
    for place, change in places.items():
        raw[place] ^= change
    assert spoilt.refused(bytes(raw)) in {
        Fault.DAMAGED,
        Fault.TRUNCATED,
        Fault.NEWER_VERSION,
        Fault.OTHER_STORE,
        Fault.OTHER_PARTITION,
        Fault.OTHER_MODALITY,
        Fault.OTHER_EPOCH,
    }


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_length(spoilt: Spoilt, data: st.DataObject) -> None:
    """A file cut short anywhere is TRUNCATED."""
    length = data.draw(st.integers(0, len(spoilt.raw) - 1))
    assert spoilt.refused(spoilt.raw[:length]) == Fault.TRUNCATED


def test_unspoilt(spoilt: Spoilt) -> None:
    """The file as it was is read."""
    spoilt.path.write_bytes(spoilt.raw)
    assert len(spoilt.read()) == len(asyncio.run(spoilt.gallery.in_partition(0)))
