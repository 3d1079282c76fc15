from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from biometrics.errors import KeyWrong, RecordUnreadable, StoreUnavailable, SubjectExists, SubjectNotFound
from gallery.sealing.key_table import KeyRef
from gallery.store.changes import Outcome, Write, Written
from gallery.store.records.heads import Head
from gallery.store.subject_store import PartitionedStore
from gallery.store.writing.requests import MAX_ATTEMPTS
from tests.support.builders import enrolment
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable


@dataclass
class ChangingBackend(MemoryBackend):
    """A backend in which others change the subject before each of the first writes."""

    changes: int = 0
    tried: list[Write] = field(default_factory=list)

    async def write(self, write: Write) -> Written:
        """See Backend."""
        self.tried.append(write)
        if self.changes:
            self.changes -= 1
            return Written(Outcome.CHANGED, head=write.expected)
        return await super().write(write)


def opened(backend: MemoryBackend, table: MemoryKeyTable | None = None) -> PartitionedStore:
    """A store of one partition."""
    backend.partition_count = 1
    return PartitionedStore(backend, table or MemoryKeyTable(), MemoryKey())


def ref_of(backend: MemoryBackend, place: int = 0) -> KeyRef:
    """Where the key of a subject is, by the order of enrolment."""
    return Head.unpack(list(backend.rows.values())[place].head).key_ref


async def test_one_key_is_taken_however_often_a_write_is_tried() -> None:
    """A write that others got in the way of is repeated with the same key."""
    backend = ChangingBackend(changes=5)
    await opened(backend).enroll(enrolment("anna"))
    assert 6 == len(backend.tried)
    assert 1 == len({Head.unpack(write.head).key_ref for write in backend.tried})


async def test_a_write_is_not_tried_for_ever() -> None:
    """A subject that others write all the time is reported as such."""
    backend = ChangingBackend(changes=10**6)
    with pytest.raises(StoreUnavailable, match="written too often"):
        await opened(backend).enroll(enrolment("anna"))
    assert MAX_ATTEMPTS == len(backend.tried)


async def test_refused_and_repeated_enrolments_use_up_no_keys() -> None:
    """The key of an enrolment that was refused, or carried out before, goes to the next subject."""
    backend = MemoryBackend()
    store, wanted = opened(backend), enrolment("anna")
    await store.enroll(wanted)
    for _ in range(300):
        assert (await store.enroll(wanted)).replayed
        with pytest.raises(SubjectExists):
            await store.enroll(enrolment("anna"))
    await store.enroll(enrolment("ben"))
    assert [(0, 0), (0, 1)] == [(ref.page, ref.slot) for ref in (ref_of(backend, 0), ref_of(backend, 1))]


async def test_enrolments_that_are_not_stored_together_use_up_no_keys() -> None:
    """Of enrolments that are stored together, those of subjects that exist leave their keys to the next subject."""
    backend = MemoryBackend()
    store, known = opened(backend), [enrolment("anna"), enrolment("ben")]
    await store.enroll_all(known)
    for _ in range(300):
        assert [None, None] == await store.enroll_all([enrolment("anna"), known[1]])
    (receipt,) = await store.enroll_all([enrolment("carl")])
    assert receipt is not None
    assert {(0, 0), (0, 1), (0, 2)} == {(ref.page, ref.slot) for ref in (ref_of(backend, n) for n in range(3))}


async def test_a_write_that_fails_does_not_fail_those_beside_it() -> None:
    """Of enrolments that are stored together, one whose write meets an error has no receipt, and the others have."""

    class FailingBackend(MemoryBackend):
        async def write(self, write: Write) -> Written:
            if write.subject_id == "ben":
                raise StoreUnavailable("Not now.")
            return await super().write(write)

    store = opened(FailingBackend())
    receipts = await store.enroll_all([enrolment(name) for name in ("anna", "ben", "carl")])
    assert ["anna", None, "carl"] == [each and each.subject_id for each in receipts]
    assert {"anna", "carl"} == set(await store.get_many(["anna", "ben", "carl"]))


async def test_an_added_encounter_writes_only_what_is_new() -> None:
    """The write of a second encounter has its rows, and none of the first."""
    backend = ChangingBackend()
    store = opened(backend)
    await store.enroll(enrolment("anna"))
    await store.enroll(enrolment("anna", galleries=("b",), encounter_id="e2", create_subject=False))
    added = backend.tried[-1]
    assert (["e2"], [1], ("b",)) == (
        [each.encounter_id for each in added.encounters],
        [each.number for each in added.references],
        added.joined,
    )
    assert 2 == len((await store.get("anna")).encounters)


async def test_no_encounter_is_sealed_with_the_key_of_another_subject() -> None:
    """If an older key table was restored, the place of a key may have another one: nothing is added with it."""
    backend, table = MemoryBackend(), MemoryKeyTable()
    store = opened(backend, table)
    await store.enroll(enrolment("anna"))
    table.kept.clear()
    other = opened(backend, table)
    await other.enroll(enrolment("ben"))
    assert ref_of(backend, 0).slot == ref_of(backend, 1).slot
    with pytest.raises(RecordUnreadable, match="key table does not have the key"):
        await other.enroll(enrolment("anna", encounter_id="e2", create_subject=False))
    await other.delete("anna", "r", "d")
    assert "ben" == (await other.get("ben")).subject_id


async def test_a_missing_page_of_keys_is_not_an_erasure() -> None:
    """A subject whose page of keys is missing cannot be read, which is an error; it is not taken for absent."""
    backend, table = MemoryBackend(), MemoryKeyTable()
    store = opened(backend, table)
    await store.enroll(enrolment("anna"))
    table.kept.clear()
    other = opened(backend, table)
    with pytest.raises(RecordUnreadable):
        await other.get("anna")
    with pytest.raises(SubjectExists):
        await other.enroll(enrolment("anna"))
    assert (await other.before("r", "d", "anna")).subject_exists


async def test_the_key_of_an_erased_subject_is_destroyed_before_the_answer() -> None:
    """The 32 bytes in the table are zeros, and the same deletion is answered again."""
    backend, table = MemoryBackend(), MemoryKeyTable()
    store = opened(backend, table)
    await store.enroll(enrolment("anna"))
    ref = ref_of(backend)
    await store.delete("anna", "r", "d")
    at = 32 * (1 + ref.slot)
    assert (bytes(32), []) == (table.kept[ref.page][at : at + 32], backend.slots)
    assert (await store.delete("anna", "r", "d")).replayed


async def test_an_erasure_whose_key_could_not_be_destroyed_is_completed() -> None:
    """The deletion fails if the key table does; the subject is gone, and the next ping destroys the key."""
    backend, table = MemoryBackend(), MemoryKeyTable()
    store = opened(backend, table)
    await store.enroll(enrolment("anna"))
    table.down = True
    with pytest.raises(StoreUnavailable):
        await store.delete("anna", "r", "d")
    with pytest.raises(SubjectNotFound):
        await store.get("anna")
    table.down = False
    await store.ping()
    assert [] == backend.slots


async def test_a_damaged_place_of_a_key_stops_no_erasure() -> None:
    """It stays among the keys that wait, which verification tells; all others are destroyed."""
    backend = MemoryBackend()
    store = opened(backend)
    await store.enroll(enrolment("anna"))
    damaged = ((await store.backend.identity()).key("anna").partition, b"\0")
    backend.slots.append(damaged)
    await store.delete("anna", "r", "d")
    await store.ping()
    assert [damaged] == backend.slots


async def test_a_store_without_its_key_table_is_refused() -> None:
    """No new table is made for a store that has subjects."""
    backend = MemoryBackend()
    await opened(backend).enroll(enrolment("anna"))
    with pytest.raises(KeyWrong, match="Restore the key table"):
        await opened(backend, MemoryKeyTable()).ping()
