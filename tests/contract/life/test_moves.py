"""Encounters that go to another subject: a move, a merge, a split."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest

from biometrics.errors import (
    EncounterExists,
    EncounterNotFound,
    FieldInvalid,
    RequestIdReused,
    SubjectExists,
    SubjectFull,
    SubjectNotFound,
)
from gallery.store.life.values import Move
from gallery.store.limits import MAX_ENCOUNTERS
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import partitions_of
from gallery.store.values import START, ChangeKind
from tests.contract.life.test_encounters import enrol, request, searched
from tests.support.builders import enrolment, reference


def move(source: str, target: str, *encounter_ids: str, create: bool = False, galleries: tuple[str, ...] = ()) -> Move:
    """A move of its own request."""
    return Move(*request(), source, target, encounter_ids, galleries, create)


async def people(store: PartitionedStore) -> dict[str, tuple[list[str], tuple[str, ...]]]:
    """Encounter ids and galleries of each subject."""
    return {
        each.subject_id: ([e.encounter_id for e in each.encounters], each.galleries)
        for each in (await store.list(100)).subjects
    }


async def test_a_moved_encounter_is_at_the_target_only(store: PartitionedStore) -> None:
    """It is there as it was, and the token of the receipt has the writes of both subjects."""
    await enrol(store, "e1", "e2")
    await enrol(store, "e3", subject_id="ben")
    moved = (await store.get("anna")).encounters[1]
    receipt = await store.move_encounters(move("anna", "ben", "e2"))
    assert ("ben", "", False) == (receipt.subject_id, receipt.encounter_id, receipt.replayed)
    assert {"anna": (["e1"], ("default",)), "ben": (["e3", "e2"], ("default",))} == await people(store)
    assert moved == (await store.get("ben")).encounters[1]
    assert {"anna": 1, "ben": 2} == await searched(store)
    identity = await store.backend.identity()
    assert {identity.key("anna").partition, identity.key("ben").partition} == set(partitions_of(receipt.token))
    assert store.reached(await store.position(), receipt.token)
    await store.check(receipt.token)
    assert ([], []) == (list(await store.backend.key_slots()), await store.backend.leaving())


async def test_a_merge_erases_the_source(store: PartitionedStore) -> None:
    """The target has all encounters and the galleries of both; the feed says that the source is gone."""
    await store.enroll(enrolment("anna", encounter_id="e1", galleries=("g1", "g2")))
    await store.enroll(enrolment("anna", encounter_id="e2", galleries=(), create_subject=False))
    await store.enroll(enrolment("ben", encounter_id="e3", galleries=("g2", "g3")))
    await store.move_encounters(move("anna", "ben"))
    assert {"ben": (["e3", "e1", "e2"], ("g1", "g2", "g3"))} == await people(store)
    assert [1, 1, 1, 1] == [await store.count(each) for each in ("", "g1", "g2", "g3")]
    name = (await store.backend.identity()).key("anna").name
    assert ChangeKind.DELETE is [each.kind for each in await store.changes(START, 99, 0) if each.name == name][-1]


@pytest.mark.parametrize(("stated", "expected"), [((), ("g1", "g2")), (("g3",), ("g3",))])
async def test_a_split_makes_a_new_subject(
    store: PartitionedStore, stated: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """It comes into the galleries that are stated, or into those of the source."""
    await store.enroll(enrolment("anna", encounter_id="e1", galleries=("g1", "g2")))
    await store.enroll(enrolment("anna", encounter_id="e2", galleries=(), create_subject=False))
    await store.move_encounters(move("anna", "new", "e1", create=True, galleries=stated))
    assert {"anna": (["e2"], ("g1", "g2")), "new": (["e1"], expected)} == await people(store)


async def test_moving_some_adds_no_galleries(store: PartitionedStore) -> None:
    """A target that exists stays in its galleries, unless others are stated."""
    await store.enroll(enrolment("anna", encounter_id="e1", galleries=("g1",)))
    await store.enroll(enrolment("anna", encounter_id="e2", galleries=(), create_subject=False))
    await enrol(store, "e3", subject_id="ben")
    await store.move_encounters(move("anna", "ben", "e1"))
    assert ("default",) == (await store.get("ben")).galleries


async def test_a_move_is_carried_out_once(store: PartitionedStore) -> None:
    """Its repetition has the same receipt, whatever was written since; another digest is refused."""
    await enrol(store, "e1", "e2")
    await enrol(store, "e3", subject_id="ben")
    wanted = move("anna", "ben", "e2")
    first = await store.move_encounters(wanted)
    await store.move_encounters(move("ben", "anna", "e2"))
    content = await people(store)
    assert replace(first, replayed=True) == await store.move_encounters(wanted)
    assert await store.before(wanted.request_id, "d", "anna")
    with pytest.raises(RequestIdReused):
        await store.move_encounters(replace(wanted, digest="other"))
    assert content == await people(store)


async def test_a_request_id_that_is_used_for_another_source_moves_nothing_away(store: PartitionedStore) -> None:
    """Each source has receipts of its own, so nobody loses an encounter because another move is taken for its own."""
    for name in "abcdefgh":
        await enrol(store, f"e-{name}", "x", subject_id=name)
        await store.delete_encounter(name, "x", *request())
    await enrol(store, "e1", subject_id="target")
    for name in "abcdefgh":
        with suppress(RequestIdReused):
            await store.move_encounters(Move("r", "d", name, "target"))
    found = [each for ids, _ in (await people(store)).values() for each in ids]
    assert sorted(["e1", *(f"e-{name}" for name in "abcdefgh")]) == sorted(found)


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (move("anna", "anna"), FieldInvalid),
        (move("nobody", "ben"), SubjectNotFound),
        (move("anna", "nobody"), SubjectNotFound),
        (move("anna", "ben", create=True), SubjectExists),
        (move("anna", "ben", "e1", "e9"), EncounterNotFound),
        (move("anna", "ben", "e1"), EncounterExists),
        (move("anna", "ben"), EncounterExists),
        (move("anna", "ben", "e2", galleries=tuple(f"g{n}" for n in range(65))), SubjectFull),
    ],
)
async def test_a_move_that_is_refused_changes_nothing(
    store: PartitionedStore, wanted: Move, error: type[Exception]
) -> None:
    """It writes nothing, and can be repeated when the reason is gone."""
    await enrol(store, "e1", "e2")
    await enrol(store, "e1", subject_id="ben")
    content, position = await people(store), await store.position()
    for _ in range(2):
        with pytest.raises(error):
            await store.move_encounters(wanted)
    assert (content, position) == (await people(store), await store.position())


async def test_a_target_that_becomes_full_keeps_the_source_as_it_is(store: PartitionedStore) -> None:
    """The limit on encounters holds for the sum."""
    await enrol(store, "e1", "e2")
    await store.enroll(enrolment("ben", *[reference([1, 0, 0, 0])] * 999))
    with pytest.raises(SubjectFull):
        await store.move_encounters(move("anna", "ben", "e2"))
    assert ["e1", "e2"] == (await people(store))["anna"][0]
    assert MAX_ENCOUNTERS > 3
