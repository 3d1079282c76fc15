"""Writes of a backend: carried out once and completely, or not at all."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from biometrics.template import Modality
from gallery.store.backend import Backend, Outcome, StoreIdentity
from gallery.store.tokens import FeedPosition
from tests.support.stores.backend_writes import erasure, ids_by_partition, put, request, sealed

FACE, IRIS = Modality.FACE, Modality.IRIS


async def state(backend: Backend, identity: StoreIdentity) -> tuple[object, ...]:
    """All that a refused write could have changed."""
    ids = await backend.ids("", 100, "")
    return (
        await backend.read([identity.key(each) for each in ids], list(Modality), encounters=True),
        await backend.ids("", 100, "default"),
        await backend.counts(""),
        await backend.counts("default"),
        await backend.newest(range(identity.partition_count)),
        await backend.key_slots(),
    )


async def test_a_new_subject_is_stored_with_all_its_rows(backend: Backend, identity: StoreIdentity) -> None:
    """What a write holds is read back, and its position is the partition's newest."""
    write = put(identity, "anna", modalities=[FACE, IRIS])
    written = await backend.write(write)
    assert (Outcome.WRITTEN, b"", b"") == (written.outcome, written.content, written.head)
    assert [written.position] == await backend.newest([write.key.partition])
    (rows,) = await backend.read([write.key], [FACE, IRIS], encounters=True)
    assert rows is not None
    assert (write.key, "anna", b"head 1") == (rows.key, rows.subject_id, rows.head)
    assert (list(write.encounters), list(write.references)) == (list(rows.encounters), list(rows.references))


async def test_an_encounter_is_added_to_a_subject(backend: Backend, identity: StoreIdentity) -> None:
    """A second write with the present head adds its rows, and replaces the head."""
    await backend.write(put(identity, "anna"))
    written = await backend.write(
        put(identity, "anna", expected=b"head 1", head=b"head 2", number=1, galleries=["guests"])
    )
    assert written.outcome is Outcome.WRITTEN
    (rows,) = await backend.read([identity.key("anna")], [FACE], encounters=True)
    assert rows is not None
    assert (b"head 2", [0, 1]) == (rows.head, [each.number for each in rows.encounters])
    assert [sealed("anna", number, FACE) for number in (0, 1)] == [each.sealed for each in rows.references]
    assert (["anna"], ["anna"]) == (await backend.ids("", 9, "default"), await backend.ids("", 9, "guests"))
    assert (1, 1) == (sum((await backend.counts("")).values()), sum((await backend.counts("guests")).values()))


async def test_a_request_is_carried_out_once(backend: Backend, identity: StoreIdentity) -> None:
    """Its repetition changes nothing, and has the position and the content hash of the first."""
    first = await backend.write(put(identity, "anna", of=request("r")))
    before = await state(backend, identity)
    again = await backend.write(put(identity, "anna", of=request("r", "other")))
    assert (Outcome.DONE, first.position, request("r").content) == (again.outcome, again.position, again.content)
    assert before == await state(backend, identity)


async def test_an_erasure_is_carried_out_once(backend: Backend, identity: StoreIdentity) -> None:
    """Its repetition after the subject was enrolled again erases nobody."""
    await backend.write(put(identity, "anna"))
    first = await backend.write(erasure(identity, "anna", of=request("r")))
    await backend.write(put(identity, "anna"))
    again = await backend.write(erasure(identity, "anna", of=request("r")))
    assert (Outcome.DONE, first.position) == (again.outcome, again.position)
    assert ["anna"] == await backend.ids("", 9, "")


async def test_a_write_for_another_head_changes_nothing(backend: Backend, identity: StoreIdentity) -> None:
    """A subject that exists, does not exist, or was changed is told by its present head."""
    await backend.write(put(identity, "anna"))
    before = await state(backend, identity)
    for write, head in [
        (put(identity, "anna", number=1), b"head 1"),
        (put(identity, "anna", expected=b"head 0", number=1), b"head 1"),
        (erasure(identity, "anna", expected=b"head 0"), b"head 1"),
        (put(identity, "ben", expected=b"head 1", number=1), b""),
        (erasure(identity, "ben"), b""),
    ]:
        written = await backend.write(write)
        assert (Outcome.CHANGED, None, head) == (written.outcome, written.position, written.head)
    assert before == await state(backend, identity)


async def test_a_taken_encounter_id_changes_nothing(backend: Backend, identity: StoreIdentity) -> None:
    """An encounter id that the subject has is refused, and its request is not remembered."""
    await backend.write(put(identity, "anna"))
    before = await state(backend, identity)
    wanted = put(identity, "anna", expected=b"head 1", head=b"head 2", of=request("r"))
    assert Outcome.TAKEN is (await backend.write(wanted)).outcome
    assert before == await state(backend, identity)
    assert None is (await backend.known(identity.key("anna"), request("r"))).position


async def test_an_erased_subject_has_no_rows_left(backend: Backend, identity: StoreIdentity) -> None:
    """An erased subject is in no list and no count, and enrolled again it has only its new rows."""
    await backend.write(put(identity, "anna", galleries=["default", "guests"], modalities=[FACE, IRIS]))
    written = await backend.write(erasure(identity, "anna", galleries=["default", "guests"]))
    assert Outcome.WRITTEN is written.outcome
    assert [None] == await backend.read([identity.key("anna")], [FACE, IRIS], encounters=True)
    for gallery in ("", "default", "guests"):
        assert ([], 0) == (await backend.ids("", 9, gallery), sum((await backend.counts(gallery)).values()))
    await backend.write(put(identity, "anna", number=3, modalities=[FACE]))
    (rows,) = await backend.read([identity.key("anna")], [FACE, IRIS], encounters=True)
    assert rows is not None
    assert ([3], [3]) == ([each.number for each in rows.encounters], [each.number for each in rows.references])


async def test_one_of_many_concurrent_writes_of_a_subject_succeeds(
    open_backend: Callable[[], Backend], identity: StoreIdentity
) -> None:
    """Of 40 writes by two objects that expect the same head one is carried out."""
    backends = [open_backend(), open_backend()]
    written = await asyncio.gather(
        *(backends[number % 2].write(put(identity, "anna", head=f"head {number}".encode())) for number in range(40))
    )
    assert {Outcome.WRITTEN: 1, Outcome.CHANGED: 39} == Counter(each.outcome for each in written)
    assert 1 == sum((await backends[0].counts("")).values())


async def test_a_write_moves_its_partition_only(backend: Backend, identity: StoreIdentity) -> None:
    """Numbers of a partition rise by one with each write, and those of the others stay."""
    ids = ids_by_partition(identity, 2)
    for partition, (first, second) in ids.items():
        before = await backend.newest(list(ids))
        one = (await backend.write(put(identity, first))).position
        two = (await backend.write(put(identity, second))).position
        assert isinstance(one, FeedPosition)
        assert isinstance(two, FeedPosition)
        assert before[partition].number < one.number < two.number
        assert one.mark != two.mark
        assert [*before[:partition], two, *before[partition + 1 :]] == await backend.newest(list(ids))


async def test_receipts_are_kept_by_partition(backend: Backend, identity: StoreIdentity) -> None:
    """The same request name in another partition is another request."""
    (first,), (second,), *_ = ids_by_partition(identity, 1).values()
    await backend.write(put(identity, first, of=request("r")))
    assert Outcome.WRITTEN is (await backend.write(put(identity, second, of=request("r")))).outcome
