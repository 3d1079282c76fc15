"""Contract of the store: records that this program cannot read keep no others from being read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import pytest

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality
from gallery.operations.source import StoreSource
from gallery.store.subject_store import PartitionedStore
from tests.contract.conftest import OpenStore
from tests.support.builders import enrolment

COLUMNS = {
    "a head": ("subjects", "head", "number = 2"),
    "an encounter": ("encounters", "record", "subject = 2"),
    "a sealed set": ("references_fingerprint", "sealed", "id / 65536 = 2"),
}


def newer(value: bytes) -> bytes:
    """The same value, of the next version."""
    if value[0] < 0x90:  # a sealed set begins with its version, all others with the head of a msgpack array
        return bytes([value[0] + 1]) + value[1:]
    version, *fields = msgpack.unpackb(value)
    packed: bytes = msgpack.packb([version + 1, *fields])
    return packed


async def people(open_sqlite: OpenStore, path: Path, what: str, *, is_text: bool = False) -> PartitionedStore:
    """A store of anna, ben and carl, in which something of ben is of a newer version, or a text that is no UTF-8."""
    store = open_sqlite()
    for subject_id in ("anna", "ben", "carl"):
        await store.enroll(enrolment(subject_id))
    table, column, place = COLUMNS[what]
    with sqlite3.connect(path / "store.db") as other:
        (value,) = other.execute(f"SELECT {column} FROM {table} WHERE {place}").fetchone()
        new = b"\xff" if is_text else newer(value)
        other.execute(f"UPDATE {table} SET {column} = {'CAST(? AS TEXT)' if is_text else '?'} WHERE {place}", (new,))
    other.close()
    return store


@pytest.mark.parametrize("what", COLUMNS)
async def test_a_record_of_a_newer_version_is_named_and_keeps_no_other_from_being_read(
    open_sqlite: OpenStore, tmp_path: Path, what: str
) -> None:
    """Get says that the version is newer; the others are got, listed, scanned and exported, and new ones enrolled."""
    store = await people(open_sqlite, tmp_path, what)
    with pytest.raises(RecordUnreadable, match="version"):
        await store.get("ben")
    assert "carl" == (await store.get("carl")).subject_id
    whole, brief = await store.list(2), await store.list_summaries(3)
    assert ([["anna"], ["ben"]]) == [[each.subject_id for each in whole.subjects], list(whole.unreadable)]
    assert ["carl"] == [each.subject_id for each in (await store.list(2, whole.next_page_token)).subjects]
    unread = [] if what == "a sealed set" else ["ben"]
    assert unread == list(brief.unreadable)
    assert {"anna", "ben", "carl"} - set(unread) == {each.subject_id for each in brief.subjects}
    (page,) = [page async for page in StoreSource(store).pages()]
    assert (["anna", "carl"], ("ben",)) == ([each.subject_id for each in page.subjects], page.unreadable)
    pages = [page async for page in store.references(Modality.FINGERPRINT, (), 9)]
    assert {"anna", "carl"} <= {each for page in pages for each in page.subject_ids}
    await store.enroll(enrolment("dora"))
    assert 4 == await store.count()


@pytest.mark.parametrize("what", COLUMNS)
async def test_a_record_whose_type_is_damaged_keeps_no_other_from_being_read(
    open_sqlite: OpenStore, tmp_path: Path, what: str
) -> None:
    """One bit of a SQLite file tells bytes from text: as a text that is no UTF-8, a record is as unreadable as any."""
    store = await people(open_sqlite, tmp_path, what, is_text=True)
    with pytest.raises(RecordUnreadable):
        await store.get("ben")
    whole = await store.list(3)
    assert (["anna", "carl"], ("ben",)) == ([each.subject_id for each in whole.subjects], whole.unreadable)
    pages = [page async for page in store.references(Modality.FINGERPRINT, (), 9)]
    assert {"anna", "carl"} <= {each for page in pages for each in page.subject_ids}
    assert (await store.before("r", "d", "carl")).subject_exists
