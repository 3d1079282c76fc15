"""Encounters that expire: found without a scan, and deleted only if they still expire."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from biometrics.errors import FieldInvalid, PreconditionFailed
from gallery.store.life.values import Expiring, Move
from gallery.store.subject_store import PartitionedStore
from tests.contract.life.test_encounters import enrol, request
from tests.support.builders import START_TIME, encounter, enrolment, reference

LATE = datetime.max.replace(tzinfo=UTC)
EXPIRE = START_TIME + timedelta(days=30, microseconds=7)


async def test_an_encounter_is_found_when_it_has_expired(store: PartitionedStore) -> None:
    """Not at its time, but after it; and no longer when the time is removed."""
    await enrol(store, "e1", "e2")
    await store.set_retention("anna", "e2", EXPIRE.astimezone(timezone(timedelta(hours=5))), *request())
    assert [] == list(await store.expired(EXPIRE, 9))
    expiring = Expiring(EXPIRE, "anna", "e2")
    assert [expiring] == list(await store.expired(EXPIRE + timedelta(microseconds=1), 9))
    assert [] == list(await store.expired(LATE, 9, expiring))
    assert [None, EXPIRE] == [each.expire_time for each in (await store.get("anna")).encounters]
    assert [None, EXPIRE] == [each.expire_time for each in (await store.list_summaries(9)).subjects[0].encounters]
    await store.set_retention("anna", "e2", None, *request())
    assert [] == list(await store.expired(LATE, 9))


async def test_a_time_of_expiry_is_set_when_enrolled(store: PartitionedStore) -> None:
    """Also of a second encounter; the latest time that there is can be set."""
    for number, time in enumerate((EXPIRE, LATE)):
        each = enrolment("anna", encounter_id=f"e{number}", create_subject=number == 0)
        await store.enroll(replace(each, encounter=replace(each.encounter, expire_time=time)))
    assert [EXPIRE, LATE] == [each.expire_time for each in (await store.get("anna")).encounters]
    assert [Expiring(EXPIRE, "anna", "e0")] == list(await store.expired(EXPIRE + timedelta(days=1), 9))


async def test_times_of_expiry_follow_every_write(store: PartitionedStore) -> None:
    """They stay when the encounter is replaced, another is deleted, or it is moved, and go with it."""
    await enrol(store, "e1", "e2", "e3")
    for each in ("e1", "e2"):
        await store.set_retention("anna", each, EXPIRE, *request())
    await store.replace_encounter("anna", encounter(reference([7, 7, 7, 7])), *request())
    await store.delete_encounter("anna", "e3", *request())
    assert [Expiring(EXPIRE, "anna", "e1"), Expiring(EXPIRE, "anna", "e2")] == list(await store.expired(LATE, 9))
    await store.move_encounters(Move(*request(), "anna", "ben", ("e2",), create_target=True))
    assert [Expiring(EXPIRE, "anna", "e1"), Expiring(EXPIRE, "ben", "e2")] == list(await store.expired(LATE, 9))
    await store.delete("anna", *request())
    await store.delete_encounter("ben", "e2", *request())
    assert [] == list(await store.expired(LATE, 9))


async def test_an_encounter_that_was_given_more_time_is_not_deleted(store: PartitionedStore) -> None:
    """A deletion that expects it to have expired is refused, and carried out when it has."""
    await enrol(store, "e1", "e2")
    await store.set_retention("anna", "e1", EXPIRE, *request())
    for each in ("e1", "e2"):
        with pytest.raises(PreconditionFailed) as refused:
            await store.delete_encounter("anna", each, *request(), expired_before=EXPIRE)
        assert "NOT_EXPIRED" == refused.value.reason
    await store.delete_encounter("anna", "e1", *request(), expired_before=EXPIRE + timedelta(microseconds=1))
    assert ["e2"] == [each.encounter_id for each in (await store.get("anna")).encounters]


async def test_a_time_without_a_zone_is_refused(store: PartitionedStore) -> None:
    """It would stand for another moment on another machine."""
    await enrol(store, "e1")
    with pytest.raises(FieldInvalid):
        await store.set_retention("anna", "e1", datetime(2026, 1, 1), *request())  # noqa: DTZ001 - the case
