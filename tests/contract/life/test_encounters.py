"""Encounters that are replaced, hidden and deleted."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from biometrics.errors import EncounterChanged, EncounterNotFound, RequestIdReused, SubjectFull, SubjectNotFound
from biometrics.template import MissingReason, Modality, Position
from gallery.store.limits import MAX_REFERENCES
from gallery.store.records import columns
from gallery.store.records.heads import Head
from gallery.store.subject_store import PartitionedStore
from gallery.store.values import START, ChangeKind
from gallery.subject import EncounterState, Missing
from tests.support.builders import START_TIME, encounter, enrolment, reference

FINGERPRINT, IRIS = Modality.FINGERPRINT, Modality.IRIS
EYE = reference([0, 1], Position.LEFT_EYE, IRIS)


def request() -> tuple[str, str]:
    """A new request id, and a digest."""
    return str(uuid.uuid4()), "d"


async def enrol(store: PartitionedStore, *encounter_ids: str, subject_id: str = "anna") -> None:
    """Enrol encounters of a subject; that of number n has the features n, and an iris."""
    for number, each in enumerate(encounter_ids):
        finger = reference([number, 0, 0, 0])
        await store.enroll(enrolment(subject_id, finger, EYE, encounter_id=each, create_subject=number == 0))


async def searched(store: PartitionedStore, modality: Modality = FINGERPRINT) -> dict[str, int]:
    """How many references an index finds of each subject, when it loads all and when it reads the changes."""
    changes = {(each.partition, each.name) for each in await store.changes(START, 1000, 0)}
    loaded = [page async for page in store.references(modality, (), 10)]
    followed = await store.references_of(modality, sorted(changes))
    (first, second) = (
        {page.subject_ids[row]: sum(page.owners == row) for page in pages for row in range(len(page.subject_ids))}
        for pages in (loaded, [followed])
    )
    assert {name: n for name, n in first.items() if n} == {name: n for name, n in second.items() if n}
    return {name: int(count) for name, count in first.items()}


async def test_a_replaced_encounter_has_the_new_content_only(store: PartitionedStore) -> None:
    """References and missing positions are the new ones; id, order, create_time, state and expiry stay."""
    await enrol(store, "e1", "e2")
    expire_time = START_TIME + timedelta(days=3)
    await store.set_retention("anna", "e1", expire_time, *request())
    await store.set_encounter_state("anna", "e1", EncounterState.INACTIVE, *request())
    new = replace(
        encounter(reference([9, 9, 9, 9])),
        create_time=START_TIME + timedelta(days=1),
        missing=(Missing(FINGERPRINT, Position.LEFT_THUMB, MissingReason.AMPUTATED),),
    )
    receipt = await store.replace_encounter("anna", new, *request())
    assert ("anna", "e1", False) == (receipt.subject_id, receipt.encounter_id, receipt.replayed)
    await store.check(receipt.token)
    found, other = (await store.get("anna")).encounters
    wanted = replace(
        new,
        create_time=START_TIME,
        update_time=new.create_time,
        state=EncounterState.INACTIVE,
        expire_time=expire_time,
    )
    assert (wanted, "e2", 2) == (found, other.encounter_id, len(other.references))
    assert ({"anna": 1}, {"anna": 1}) == (await searched(store), await searched(store, IRIS))


async def test_an_encounter_that_was_changed_meanwhile_is_not_replaced(store: PartitionedStore) -> None:
    """With what is expected stated, other content is left as it is by name; a repetition of the write is one."""
    await enrol(store, "e1", "e2")
    (first, _) = (await store.get("anna")).encounters
    new, own = encounter(reference([9, 9, 9, 9])), request()
    await store.set_encounter_state("anna", "e1", EncounterState.INACTIVE, *request())  # which is no other content
    await store.replace_encounter("anna", new, *own, expected=first)
    assert (await store.replace_encounter("anna", new, *own, expected=first)).replayed
    before = await store.get("anna")
    with pytest.raises(EncounterChanged):
        await store.replace_encounter("anna", encounter(reference([8, 8, 8, 8])), *request(), expected=first)
    assert before == await store.get("anna")


async def test_what_is_absent_is_named(store: PartitionedStore) -> None:
    """A subject or an encounter that does not exist is an error of every change, and nothing is written."""
    await enrol(store, "e1")
    position = await store.position()
    for subject_id, encounter_id, error in (("nobody", "e1", SubjectNotFound), ("anna", "e2", EncounterNotFound)):
        for call in (
            store.replace_encounter(subject_id, encounter(encounter_id=encounter_id), *request()),
            store.set_encounter_state(subject_id, encounter_id, EncounterState.INACTIVE, *request()),
            store.set_retention(subject_id, encounter_id, START_TIME, *request()),
            store.delete_encounter(subject_id, encounter_id, *request()),
        ):
            with pytest.raises(error):
                await call
    assert position == await store.position()


async def test_a_subject_cannot_grow_beyond_the_limit_by_replacing(store: PartitionedStore) -> None:
    """Too many references are refused, and the encounter stays as it was."""
    await enrol(store, "e1", "e2")
    before = await store.get("anna")
    many = encounter(*[reference([1, 0, 0, 0])] * (MAX_REFERENCES - 1))
    with pytest.raises(SubjectFull):
        await store.replace_encounter("anna", many, *request())
    assert before == await store.get("anna")


async def test_an_inactive_encounter_is_stored_and_not_searched(store: PartitionedStore) -> None:
    """Its references leave what an index reads, and come back when it is ACTIVE again."""
    await enrol(store, "e1", "e2")
    whole = await store.get("anna")
    receipt = await store.set_encounter_state("anna", "e1", EncounterState.INACTIVE, *request())
    subject = await store.get("anna")
    assert [EncounterState.INACTIVE, EncounterState.ACTIVE] == [each.state for each in subject.encounters]
    assert subject.summary == (await store.list_summaries(9)).subjects[0]
    assert ({"anna": 1}, {"anna": 1}) == (await searched(store), await searched(store, IRIS))
    assert receipt.token in {each.token for each in await store.changes(START, 9, 0)}
    await store.set_encounter_state("anna", "e1", EncounterState.ACTIVE, *request())
    assert whole == await store.get("anna")
    assert {"anna": 2} == await searched(store)


async def test_a_deleted_encounter_is_gone(store: PartitionedStore) -> None:
    """The others stay as they are; an encounter of its id can be enrolled again."""
    await enrol(store, "e1", "e2", "e3")
    before = await store.get("anna")
    await store.delete_encounter("anna", "e2", *request())
    assert (before.encounters[0], before.encounters[2]) == (await store.get("anna")).encounters
    assert {"anna": 2} == await searched(store)
    await store.enroll(enrolment("anna", encounter_id="e2", create_subject=False))
    assert ["e1", "e3", "e2"] == [each.encounter_id for each in (await store.get("anna")).encounters]


async def test_deleting_the_last_encounter_erases_the_subject(store: PartitionedStore) -> None:
    """It is in no list, count or gallery, the feed says so, and it can be enrolled anew."""
    await enrol(store, "e1")
    token = (await store.delete_encounter("anna", "e1", *request())).token
    assert ({}, 0, 0) == (await store.get_many(["anna"]), await store.count(), await store.count("default"))
    assert [ChangeKind.DELETE] == [each.kind for each in await store.changes(START, 9, 0) if each.token == token]
    assert [] == list(await store.backend.key_slots())
    await enrol(store, "e1")


async def test_the_number_of_deletions_of_a_subject_has_no_limit(store: PartitionedStore) -> None:
    """Numbers of encounters begin anew, so that they never run out."""
    await enrol(store, "e1", "e2")
    for _ in range(5):
        await store.delete_encounter("anna", "e2", *request())
        await store.enroll(enrolment("anna", encounter_id="e2", create_subject=False))
    identity = await store.backend.identity()
    (rows,) = await store.backend.read([identity.key("anna")], (), encounters=True)
    assert rows is not None
    assert [0, 1] == [each.number for each in rows.encounters]


async def test_every_change_is_carried_out_once(store: PartitionedStore) -> None:
    """Its repetition has the receipt of the first, and another digest is refused."""
    await enrol(store, "e1", "e2", "e3")
    calls = [
        lambda digest: store.replace_encounter("anna", encounter(reference([5, 5, 5, 5])), "r1", digest),
        lambda digest: store.set_encounter_state("anna", "e2", EncounterState.INACTIVE, "r2", digest),
        lambda digest: store.set_retention("anna", "e2", START_TIME, "r3", digest),
        lambda digest: store.delete_encounter("anna", "e2", "r4", digest),
    ]
    first = [await call("d") for call in calls]
    subject, position = await store.get("anna"), await store.position()
    assert [replace(each, replayed=True) for each in first] == [await call("d") for call in calls]
    for call in calls:
        with pytest.raises(RequestIdReused):
            await call("other")
    assert (subject, position) == (await store.get("anna"), await store.position())


@pytest.mark.parametrize("what", ["replace", "delete"])
async def test_no_copy_opens_what_was_removed(store: PartitionedStore, what: str) -> None:
    """The key under which a copy of the rows from before is sealed is destroyed when the call is answered."""
    await enrol(store, "e1", "e2")
    identity = await store.backend.identity()
    key = identity.key("anna")
    (copied,) = await store.backend.read([key], list(Modality), encounters=True)
    assert copied is not None
    if what == "replace":
        await store.replace_encounter("anna", encounter(reference([8, 8, 8, 8])), *request())
    else:
        await store.delete_encounter("anna", "e1", *request())
    await store.close_idle()
    old = Head.unpack(copied.head)
    assert [None] == await store.keys_of(identity).find(key.partition, [old.key_ref])
    _, (secret,) = await columns.secrets_of([copied], store.keys_of(identity))
    assert None is columns.subject(copied, old, secret)
    (now,) = await store.backend.read([key], list(Modality), encounters=True)
    assert now is not None
    assert not {each.sealed for each in copied.references} & {each.sealed for each in now.references}
    assert [] == list(await store.backend.key_slots())
