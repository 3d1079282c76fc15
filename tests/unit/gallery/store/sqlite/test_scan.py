"""gallery.store.sqlite.scan: which way subjects of some partitions are read."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from biometrics.template import Modality
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.sqlite.scan import passes
from tests.support.stores.backend_writes import erasure, ids_by_partition, put, sealed

OpenBackend = Callable[..., SqliteBackend]
FACE = Modality.FACE


@pytest.mark.parametrize(
    ("wanted", "count", "index"), [(64, 1, ""), (4, 4, "subjects_by_partition"), (5, 1, ""), (0, 0, "")]
)
async def test_few_partitions_are_read_by_their_index(
    open_backend: OpenBackend, tmp_path: Path, wanted: int, count: int, index: str
) -> None:
    """Up to 4 of 64 partitions are read by an index, one after another, and more in one pass over the table."""
    await open_backend().ping()
    made = passes(FACE, [*range(wanted)], 64, 10)
    assert count == len(made)
    connection = sqlite3.connect(tmp_path / "store.db")
    for each in made:
        plan = str(connection.execute(f"EXPLAIN QUERY PLAN {each.statement}", (0, 10)).fetchall())
        assert "SEARCH references_face USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" in plan
        assert bool(index) == ("subjects_by_partition" in plan)
        assert "TEMP B-TREE" not in plan
    connection.close()


@pytest.mark.parametrize("partitions", [[3], [3, 40], list(range(20)), list(range(64))])
async def test_every_way_reads_the_same(open_backend: OpenBackend, partitions: list[int]) -> None:
    """By index, by filter and without one, subjects come once, with their own references, after others were erased."""
    backend = open_backend()
    identity = await backend.identity()
    ids = ids_by_partition(identity, 4)
    for place in range(4):
        for own in ids.values():
            await backend.write(put(identity, own[place], modalities=[FACE, Modality.IRIS]))
    for own in ids.values():
        await backend.write(erasure(identity, own[1]))
        more = put(identity, own[2], expected=b"head 1", head=b"head 2", number=1, galleries=[])
        await backend.write(more)
    rows = [each async for page in backend.scan(FACE, partitions, 7) for each in page]
    wanted = {own[place]: place for partition in partitions for own in [ids[partition]] for place in (0, 2, 3)}
    assert sorted(wanted) == sorted(each.subject_id for each in rows)
    for each in rows:
        numbers = [0, 1] if wanted[each.subject_id] == 2 else [0]
        assert [sealed(each.subject_id, n, FACE) for n in numbers] == [own.sealed for own in each.references]


async def test_a_subject_that_is_erased_and_enrolled_meanwhile_does_not_stop_a_scan(
    open_backend: OpenBackend,
) -> None:
    """Subjects that are there all the time come once, whatever else is written between the pages."""
    backend = open_backend(partition_count=4)
    identity = await backend.identity()
    for number in range(30):
        await backend.write(put(identity, f"s{number}"))
    found: list[str] = []
    async for page in backend.scan(FACE, range(4), 5):
        found += [each.subject_id for each in page]
        await backend.write(
            erasure(identity, "s29") if await backend.ids("s28", 1, "") == ["s29"] else put(identity, "s29")
        )
    assert [f"s{number}" for number in range(29)] == [each for each in found if each != "s29"]
