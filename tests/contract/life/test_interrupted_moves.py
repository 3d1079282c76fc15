"""Moves whose process dies: nobody finds an encounter at neither subject, and any process completes them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from biometrics.errors import BiofusionError, RecordUnreadable, StoreUnavailable, SubjectExists
from gallery.store.changes import Write
from gallery.store.life.values import Move
from gallery.store.records.heads import Head
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import ChangeKind
from gallery.store.writing.made import erasure
from gallery.store.writing.present import MODALITIES
from gallery.store.writing.requests import any_request
from tests.contract.life.test_encounters import enrol, request
from tests.contract.life.test_moves import move, people
from tests.support.builders import enrolment
from tests.support.stores.meddled_backend import dying

WRITES = 3
"""Writes of a move: it begins, the encounters arrive, they leave."""


async def interrupted(store: PartitionedStore, wanted: Move, writes: int, *, tells: bool = True) -> None:
    """A move whose process dies after some writes."""
    with pytest.raises(StoreUnavailable):
        await dying(store, writes, tells=tells).move_encounters(wanted)


async def both(store: PartitionedStore) -> None:
    """Enrol anna with e1 and e2, and ben with e3."""
    await enrol(store, "e1", "e2")
    await enrol(store, "e3", subject_id="ben")


@pytest.mark.parametrize("how", ["ping", "repeat", "enrol", "delete", "leave"])
@pytest.mark.parametrize("writes", range(1, WRITES + 1))
async def test_a_move_that_was_begun_is_completed(store: PartitionedStore, writes: int, how: str) -> None:
    """By a ping, by its repetition, or by the next write to the source; until then nobody misses the encounter."""
    await both(store)
    wanted, target = move("anna", "ben", "e2"), ["e3", "e2"]
    await interrupted(store, wanted, writes, tells=False)
    found = await people(store)
    assert "e2" in [*found["anna"][0], *found["ben"][0]]
    if how == "ping":
        await store.ping()
    elif how == "repeat":
        assert (await store.move_encounters(wanted)).replayed
    elif how == "enrol":
        await store.enroll(enrolment("anna", encounter_id="e4", create_subject=False))
    elif how == "delete":
        await store.delete("anna", *request())
    else:
        await store.join_galleries("anna", ["g"], *request())
    source = {"enrol": ["e1", "e4"], "delete": None}.get(how, ["e1"])
    found = await people(store)
    assert (source, target) == (found["anna"][0] if "anna" in found else None, found["ben"][0])
    assert [] == await store.backend.leaving()
    assert (await store.move_encounters(wanted)).replayed
    assert found == await people(store)
    assert [] == list(await store.backend.key_slots())


@pytest.mark.parametrize("writes", range(1, WRITES + 1))
async def test_a_merge_that_was_begun_is_completed(store: PartitionedStore, writes: int) -> None:
    """The source is erased in the end, and can be enrolled anew."""
    await both(store)
    await interrupted(store, move("anna", "ben"), writes, tells=False)
    await store.ping()
    assert {"ben": (["e3", "e1", "e2"], ("default",))} == await people(store)
    await enrol(store, "e1")


async def test_what_arrived_stays_as_it_was_changed_since(store: PartitionedStore) -> None:
    """A target that loses what has arrived does not get it again, and the source does not keep it."""
    await both(store)
    await interrupted(store, move("anna", "ben", "e2"), 2)
    await store.delete_encounter("ben", "e2", *request())
    await store.ping()
    assert {"anna": (["e1"], ("default",)), "ben": (["e3"], ("default",))} == await people(store)
    await interrupted(store, replace(move("anna", "new"), create_target=True), 2)
    await store.delete("new", *request())
    await store.ping()
    assert {"ben": (["e3"], ("default",))} == await people(store)


async def test_a_move_that_the_target_refuses_since_is_taken_back(store: PartitionedStore) -> None:
    """The source is as it was, and nothing arrives later, when the target would take it again."""
    await both(store)
    wanted = move("anna", "ben", "e2")
    await interrupted(store, wanted, 1)
    await store.enroll(enrolment("ben", encounter_id="e2", create_subject=False))
    await store.ping()
    assert {"anna": (["e1", "e2"], ("default",)), "ben": (["e3", "e2"], ("default",))} == await people(store)
    await store.delete_encounter("ben", "e2", *request())
    await store.ping()
    assert ["e1", "e2"] == (await people(store))["anna"][0]
    assert not (await store.move_encounters(wanted)).replayed
    assert (["e1"], ["e3", "e2"]) == tuple(ids for ids, _ in (await people(store)).values())


async def test_a_target_that_is_erased_meanwhile_is_a_refusal(store: PartitionedStore) -> None:
    """Also one that should be new and was enrolled meanwhile: the caller is told, and the source is as it was."""
    await both(store)
    await interrupted(store, move("anna", "ben", "e2"), 1)
    await store.delete("ben", *request())
    await store.ping()
    wanted = move("anna", "new", "e2", create=True)
    await interrupted(store, wanted, 1)
    await enrol(store, "e5", subject_id="new")
    with pytest.raises(SubjectExists):
        await store.move_encounters(wanted)
    assert {"anna": (["e1", "e2"], ("default",)), "new": (["e5"], ("default",))} == await people(store)
    assert [] == await store.backend.leaving()


async def test_moves_that_wait_for_each_other_both_end(store: PartitionedStore) -> None:
    """Two subjects of which each is moving to the other, or three in a ring, keep every encounter once."""
    names = ["anna", "ben", "cleo"]
    for members in (names[:2], names):
        for name in members:
            await enrol(store, f"{name}-1", f"{name}-2", subject_id=name)
        for source, target in zip(members, [*members[1:], members[0]], strict=True):
            await interrupted(store, move(source, target), 1)
        await store.ping()
        assert [] == await store.backend.leaving()
        found = sorted(each for ids, _ in (await people(store)).values() for each in ids)
        assert sorted(f"{name}-{n}" for name in members for n in (1, 2)) == found
        for name in await people(store):
            await store.delete(name, *request())


async def test_a_chain_of_moves_is_completed(store: PartitionedStore) -> None:
    """A target that is itself moving away goes first."""
    await both(store)
    await enrol(store, "e4", subject_id="cleo")
    await interrupted(store, move("ben", "cleo", "e3"), 1)
    with pytest.raises(BiofusionError):  # ben is erased by its own move before anything arrives
        await store.move_encounters(move("anna", "ben", "e2"))
    assert {"anna": (["e1", "e2"], ("default",)), "cleo": (["e4", "e3"], ("default",))} == await people(store)


async def test_a_source_whose_key_is_destroyed_does_not_arrive(store: PartitionedStore) -> None:
    """As an erasure and a restored backup leave it: the subject does not exist, and the move ends."""
    await both(store)
    await interrupted(store, move("anna", "ben", "e2"), 1)
    identity = await store.backend.identity()
    key = identity.key("anna")
    (rows,) = await store.backend.read([key], (), encounters=True)
    assert rows is not None
    await store.keys_of(identity).destroy(key.partition, [Head.unpack(rows.head).key_ref])
    await store.ping()
    assert {"ben": (["e3"], ("default",))} == await people(store)
    assert [] == await store.backend.leaving()
    write = erasure(any_request(), "anna", key, (await store.backend.known(key, any_request())).head)
    assert ChangeKind.DELETE is write.kind
    await enrol(store, "e1")


async def test_a_source_that_cannot_be_read_any_more_can_be_erased(store: PartitionedStore) -> None:
    """Its encounters have arrived, and what is left of it is damaged: a ping leaves it, other writes say so."""
    await both(store)
    await interrupted(store, move("anna", "ben", "e1"), 2)
    identity = await store.backend.identity()
    key = identity.key("anna")
    (rows,) = await store.backend.read([key], MODALITIES, encounters=True)
    assert rows is not None
    damaged = [replace(each, sealed=each.sealed[:-1] + bytes([each.sealed[-1] ^ 1])) for each in rows.references]
    head = rows.head
    write = Write(key, "anna", any_request(), head, head, ChangeKind.PUT, encounters=rows.encounters)
    await store.backend.write(replace(write, references=damaged, anew=True))
    await store.ping()
    assert ["anna"] == await store.backend.leaving()
    with pytest.raises(RecordUnreadable):
        await store.join_galleries("anna", ["g"], *request())
    await store.delete("anna", *request())
    assert {"ben": (["e3", "e1"], ("default",))} == await people(store)
    assert ([], []) == (await store.backend.leaving(), list(await store.backend.key_slots()))


async def test_a_damaged_source_keeps_what_has_not_arrived(store: PartitionedStore) -> None:
    """A move that has not arrived, and whose encounters cannot be opened, is refused, and removes nothing."""
    await both(store)
    await interrupted(store, move("anna", "ben", "e1"), 1)
    identity = await store.backend.identity()
    key = identity.key("anna")
    (rows,) = await store.backend.read([key], MODALITIES, encounters=True)
    assert rows is not None
    damaged = [replace(each, sealed=each.sealed[:-1] + bytes([each.sealed[-1] ^ 1])) for each in rows.references]
    write = Write(key, "anna", any_request(), rows.head, rows.head, ChangeKind.PUT, encounters=rows.encounters)
    await store.backend.write(replace(write, references=damaged, anew=True))
    await store.ping()
    assert ([], ("e3",)) == (
        await store.backend.leaving(),
        tuple(each.encounter_id for each in (await store.get("ben")).encounters),
    )
    (now,) = await store.backend.read([key], MODALITIES, encounters=True)
    assert now is not None
    assert list(damaged) == list(now.references)
