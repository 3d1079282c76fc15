"""Reads of a backend: subjects by name, ids in order, scans of one modality, counts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from biometrics.errors import GalleryNotFound
from biometrics.template import Modality
from gallery.store.backend import Backend, StoreIdentity, SubjectRows
from tests.support.stores.backend_writes import erasure, ids_by_partition, put, request, sealed

FACE, FINGERPRINT, IRIS = Modality.FACE, Modality.FINGERPRINT, Modality.IRIS


async def filled(backend: Backend, identity: StoreIdentity) -> dict[int, list[str]]:
    """Ids by partition of 20 subjects, each with a face and every other one with an iris."""
    ids = ids_by_partition(identity, 5)
    writes = [
        put(identity, subject_id, modalities=[FACE, IRIS] if place % 2 else [FACE])
        for own in ids.values()
        for place, subject_id in enumerate(own)
    ]
    await asyncio.gather(*(backend.write(each) for each in writes))
    return ids


async def scanned(backend: Backend, modality: Modality, partitions: Sequence[int], page_size: int) -> list[SubjectRows]:
    """All rows of a scan."""
    return [rows async for page in backend.scan(modality, partitions, page_size) for rows in page]


async def test_subjects_are_read_in_the_order_of_the_question(backend: Backend, identity: StoreIdentity) -> None:
    """Each place of the answer is of the same place of the question, None for who does not exist."""
    await backend.write(put(identity, "anna"))
    await backend.write(put(identity, "ben"))
    wanted = ["ben", "nobody", "anna", "ben"]
    found = await backend.read([identity.key(each) for each in wanted], [], encounters=False)
    assert ["ben", None, "anna", "ben"] == [rows and rows.subject_id for rows in found]
    assert [] == await backend.read([], [FACE], encounters=True)


async def test_only_what_was_asked_for_is_read(backend: Backend, identity: StoreIdentity) -> None:
    """References of other modalities, and encounters, are left out."""
    await backend.write(put(identity, "anna", modalities=[FACE, FINGERPRINT, IRIS]))
    key = identity.key("anna")
    (rows,) = await backend.read([key], [IRIS], encounters=False)
    assert rows is not None
    assert ([], [IRIS]) == (list(rows.encounters), [each.modality for each in rows.references])
    (rows,) = await backend.read([key], [], encounters=True)
    assert rows is not None
    assert ([0], []) == ([each.number for each in rows.encounters], list(rows.references))


async def test_many_subjects_are_read_at_once(backend: Backend, identity: StoreIdentity) -> None:
    """1,200 names are answered in one call."""
    await backend.write(put(identity, "anna"))
    keys = [identity.key(f"nobody-{number}") for number in range(1199)]
    found = await backend.read([*keys, identity.key("anna")], [FACE], encounters=False)
    assert (1200, 1199) == (len(found), found.count(None))


async def test_ids_come_in_order_over_all_partitions(backend: Backend, identity: StoreIdentity) -> None:
    """Pages of ids follow one another in order of id, of all subjects and of one gallery."""
    for name in ("dora", "anna", "emil", "ben", "carl"):
        await backend.write(put(identity, name, galleries=["default"] if name < "c" else ["guests"]))
    assert ["anna", "ben", "carl", "dora", "emil"] == await backend.ids("", 9, "")
    assert ["ben", "carl"] == await backend.ids("anna", 2, "")
    assert ["dora", "emil"] == await backend.ids("carl", 9, "guests")
    assert ["anna"] == await backend.ids("", 1, "default")
    assert [] == await backend.ids("emil", 9, "")


async def test_a_gallery_that_nobody_was_enrolled_in_is_not_found(backend: Backend, identity: StoreIdentity) -> None:
    """It is an error for lists and counts, except for the default one, and not when all of its subjects were erased."""
    assert ([], 0) == (await backend.ids("", 9, "default"), sum((await backend.counts("default")).values()))
    for question in (backend.ids("", 9, "guests"), backend.counts("guests")):
        with pytest.raises(GalleryNotFound):
            await question
    await backend.write(put(identity, "anna", galleries=["guests"]))
    await backend.write(erasure(identity, "anna", galleries=["guests"]))
    assert ([], 0) == (await backend.ids("", 9, "guests"), sum((await backend.counts("guests")).values()))


async def test_subjects_are_counted_by_partition(backend: Backend, identity: StoreIdentity) -> None:
    """Every partition has its number of subjects, also 0, in all and in one gallery."""
    ids = await filled(backend, identity)
    await backend.write(put(identity, "guest", galleries=["guests"]))
    guest = identity.key("guest").partition
    assert {partition: 5 + (partition == guest) for partition in ids} == await backend.counts("")
    assert dict.fromkeys(ids, 5) == await backend.counts("default")
    assert {partition: int(partition == guest) for partition in ids} == await backend.counts("guests")


async def test_galleries_are_listed_in_order(backend: Backend, identity: StoreIdentity) -> None:
    """All galleries that anybody was ever enrolled in are named, and the default one always."""
    assert ["default"] == await backend.galleries()
    await backend.write(put(identity, "anna", galleries=["guests", "crew"]))
    await backend.write(erasure(identity, "anna", galleries=["guests", "crew"]))
    assert ["crew", "default", "guests"] == await backend.galleries()


@pytest.mark.parametrize("page_size", [1, 3, 100])
@pytest.mark.parametrize("partitions", [[0, 1, 2, 3], [2], [0, 3], []])
async def test_a_scan_reads_every_subject_of_its_partitions_once(
    backend: Backend, identity: StoreIdentity, partitions: Sequence[int], page_size: int
) -> None:
    """Every subject comes once with its references of one modality, also those that have none."""
    ids = await filled(backend, identity)
    rows = await scanned(backend, IRIS, partitions, page_size)
    assert sorted(name for partition in partitions for name in ids[partition]) == sorted(r.subject_id for r in rows)
    for each in rows:
        place = ids[each.key.partition].index(each.subject_id)
        assert (identity.key(each.subject_id), b"head 1") == (each.key, each.head)
        assert [sealed(each.subject_id, 0, IRIS)] * (place % 2) == [own.sealed for own in each.references]


async def test_pages_of_a_scan_are_no_larger_than_asked_for(backend: Backend, identity: StoreIdentity) -> None:
    """No page has more subjects than the page size, and none is empty."""
    await filled(backend, identity)
    sizes = [len(page) async for page in backend.scan(FACE, [0, 1, 2, 3], 3)]
    assert (20, True) == (sum(sizes), all(1 <= size <= 3 for size in sizes))


async def test_a_scan_of_an_empty_store_has_no_rows(backend: Backend) -> None:
    """There is nothing to read, and no error."""
    assert [] == await scanned(backend, FACE, [0, 1, 2, 3], 10)


async def test_what_a_partition_knows_before_a_write(backend: Backend, identity: StoreIdentity) -> None:
    """The head of the subject, and position and content hash of the request, are told; nothing for what is unknown."""
    key = identity.key("anna")
    assert (b"", None, b"") == _known(await backend.known(key, request("r")))
    written = await backend.write(put(identity, "anna", of=request("r")))
    assert (b"head 1", written.position, request("r").content) == _known(await backend.known(key, request("r")))
    assert (b"head 1", None, b"") == _known(await backend.known(key, request("other")))
    answers = await asyncio.gather(*(backend.known(key, request("r")) for _ in range(100)))
    assert {written.position} == {each.position for each in answers}


def _known(found: object) -> tuple[object, object, object]:
    return getattr(found, "head"), getattr(found, "position"), getattr(found, "content")  # noqa: B009
