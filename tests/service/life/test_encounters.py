"""Reading, updating, deactivating, keeping and deleting encounters on a real server."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, encounters_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from tests.service import pictures
from tests.service.fusion.requests import EXISTS, Stub, enrolment, eye, fields_named, refused, someone
from tests.service.life.requests import encounters, of, person, repeated, rid, whom

ACTIVE, INACTIVE = subjects_pb2.ENCOUNTER_STATE_ACTIVE, subjects_pb2.ENCOUNTER_STATE_INACTIVE
NOT_FOUND, PRECONDITION = grpc.StatusCode.NOT_FOUND, grpc.StatusCode.FAILED_PRECONDITION
BANDAGED = sample_pb2.MissingPosition(
    modality=modality_pb2.MODALITY_IRIS,
    position=modality_pb2.POSITION_RIGHT_EYE,
    reason=modality_pb2.MISSING_REASON_BANDAGED,
)


def verified(stub: Stub, subject_id: str, identity: int) -> bool:
    """Whether another capture of an eye is a match."""
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject_id, samples=[eye(identity, 4)])
    outcome = stub.decisions.VerifySubject(request, timeout=60).decision.outcome
    return outcome == decision_pb2.OUTCOME_MATCH


def test_an_encounter_is_read(fusion: Stub) -> None:
    """It comes with its references and without templates; what is not there is not found."""
    subject = person(fusion, 50, "", "first", "second")
    call, request = fusion.encounters.GetEncounter, encounters_pb2.GetEncounterRequest
    found = call(request(subject_id=subject, encounter_id="second")).encounter
    assert encounters(fusion, subject)["second"] == found
    assert [modality_pb2.POSITION_LEFT_EYE] == [each.position for each in found.references]
    assert not found.HasField("update_time")
    assert not found.HasField("expire_time")
    assert (NOT_FOUND, "ENCOUNTER_NOT_FOUND") == refused(call, request(subject_id=subject, encounter_id="third"))
    assert (NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(call, request(subject_id=someone(), encounter_id="first"))
    assert ["encounter_id"] == fields_named(call, request(subject_id=subject))
    assert ["subject_id"] == fields_named(call, request(encounter_id="first"))


def test_an_update_replaces_samples_and_missing_positions(fusion: Stub) -> None:
    """Another person's eye is found under the subject from then on, the one before is not; the time is told."""
    gallery = someone()
    subject = person(fusion, 51, gallery)
    before = encounters(fusion, subject)["first"]
    request = encounters_pb2.UpdateEncounterRequest(**of(subject), samples=[eye(52, 0)], missing=[BANDAGED])
    first, again = repeated(fusion.encounters.UpdateEncounter, request)
    assert ([1, [BANDAGED]], 0) == ([len(first.reports), list(first.missing)], len(again.reports))
    after = encounters(fusion, subject, first.consistency_token)["first"]
    assert [BANDAGED] == list(after.missing)
    assert (before.create_time, ACTIVE, True) == (after.create_time, after.state, after.HasField("update_time"))
    assert ("", subject) == (
        whom(fusion, 51, gallery, first.consistency_token),
        whom(fusion, 52, gallery, first.consistency_token),
    )


def test_an_update_that_is_refused_changes_nothing(fusion: Stub) -> None:
    """A sample that cannot be used, no sample, a stranger, and a used request id."""
    subject = person(fusion, 53)
    before = encounters(fusion, subject)
    call, request = fusion.encounters.UpdateEncounter, encounters_pb2.UpdateEncounterRequest
    blank = sample_pb2.Sample(modality=3, image=sample_pb2.Image(data=pictures.BLANK))
    assert PRECONDITION == refused(call, request(**of(subject), samples=[eye(54, 0), blank]))[0]
    assert ["samples"] == fields_named(call, request(**of(subject)))
    assert (NOT_FOUND, "ENCOUNTER_NOT_FOUND") == refused(call, request(**of(subject, "e9"), samples=[eye(54, 0)]))
    assert (NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(call, request(**of(someone()), samples=[eye(54, 0)]))
    used = rid()
    activate = encounters_pb2.ActivateEncounterRequest(request_id=used, subject_id=subject, encounter_id="first")
    fusion.encounters.ActivateEncounter(activate)
    reuse = request(**of(subject) | {"request_id": used}, samples=[eye(54, 0)])
    assert (EXISTS, "REQUEST_ID_REUSED") == refused(call, reuse)
    assert ["request_id"] == fields_named(call, request(**of(subject) | {"request_id": "1"}, samples=[eye(54, 0)]))
    assert before == encounters(fusion, subject)


def test_an_inactive_encounter_is_found_by_nobody(fusion: Stub) -> None:
    """Neither search, verification nor duplicate check compare with it; it is again after its activation."""
    gallery = someone()
    subject = person(fusion, 56, gallery)
    off = encounters_pb2.DeactivateEncounterRequest(**of(subject))
    done, _ = repeated(fusion.encounters.DeactivateEncounter, off)
    assert INACTIVE == encounters(fusion, subject, done.consistency_token)["first"].state
    assert "" == whom(fusion, 56, gallery, done.consistency_token)
    assert not verified(fusion, subject, 56)
    check = decisions_pb2.CheckDuplicatesRequest(samples=[eye(56, 3)], gallery=gallery)
    assert not fusion.decisions.CheckDuplicates(check).candidates
    probe = decisions_pb2.EnrolledProbe(subject_id=subject, encounter_id="first")
    by_itself = decisions_pb2.IdentifySubjectsRequest(gallery=gallery, enrolled_probe=probe)
    assert (PRECONDITION, "ENCOUNTER_INACTIVE") == refused(fusion.decisions.IdentifySubjects, by_itself)
    on = encounters_pb2.ActivateEncounterRequest(**of(subject))
    done, _ = repeated(fusion.encounters.ActivateEncounter, on)
    assert ACTIVE == encounters(fusion, subject, done.consistency_token)["first"].state
    assert subject == whom(fusion, 56, gallery, done.consistency_token)
    assert verified(fusion, subject, 56)


def test_expiry_is_set_and_removed(fusion: Stub) -> None:
    """The time is told with the encounter, of an enrolment too; without a time it is kept."""
    subject = someone()
    until = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    request = enrolment(subject, eye(57, 0), encounter_id="first")
    request.expire_time.FromDatetime(until)
    fusion.subjects.EnrollSubject(request, timeout=60)
    assert until == encounters(fusion, subject)["first"].expire_time.ToDatetime(UTC)
    repeated(fusion.encounters.SetEncounterExpiry, encounters_pb2.SetEncounterExpiryRequest(**of(subject)))
    assert not encounters(fusion, subject)["first"].HasField("expire_time")
    later = encounters_pb2.SetEncounterExpiryRequest(**of(subject))
    later.expire_time.FromDatetime(until)
    repeated(fusion.encounters.SetEncounterExpiry, later)
    assert until == encounters(fusion, subject)["first"].expire_time.ToDatetime(UTC)


def test_a_time_that_is_none(fusion: Stub) -> None:
    """A time out of the range of timestamps is refused as a field, not as a fault of the service."""
    subject = person(fusion, 58)
    for seconds, nanos in ((10**15, 0), (-(10**15), 0), (0, 2 * 10**9), (0, -1)):
        request = encounters_pb2.SetEncounterExpiryRequest(**of(subject))
        request.expire_time.seconds, request.expire_time.nanos = seconds, nanos
        assert ["expire_time"] == fields_named(fusion.encounters.SetEncounterExpiry, request)
        wanted = enrolment(someone(), eye(58, 0))
        wanted.expire_time.CopyFrom(request.expire_time)
        assert ["expire_time"] == fields_named(fusion.subjects.EnrollSubject, wanted)


def test_the_last_encounter_that_is_deleted_erases_the_subject(fusion: Stub) -> None:
    """One of two encounters goes alone; with the last one the subject is gone from store and search."""
    gallery = someone()
    subject = person(fusion, 59, gallery, "first", "second")
    repeated(fusion.encounters.DeleteEncounter, encounters_pb2.DeleteEncounterRequest(**of(subject)))
    assert ["second"] == list(encounters(fusion, subject))
    assert subject == whom(fusion, 59, gallery)
    last = encounters_pb2.DeleteEncounterRequest(**of(subject, "second"))
    done, _ = repeated(fusion.encounters.DeleteEncounter, last)
    assert NOT_FOUND == refused(fusion.subjects.GetSubject, subjects_pb2.GetSubjectRequest(subject_id=subject))[0]
    assert "" == whom(fusion, 59, gallery, done.consistency_token)


CALLS = {
    "ActivateEncounter": encounters_pb2.ActivateEncounterRequest,
    "DeactivateEncounter": encounters_pb2.DeactivateEncounterRequest,
    "SetEncounterExpiry": encounters_pb2.SetEncounterExpiryRequest,
    "DeleteEncounter": encounters_pb2.DeleteEncounterRequest,
}


@pytest.mark.parametrize("name", CALLS)
def test_what_all_of_them_refuse(fusion: Stub, name: str) -> None:
    """A stranger, no such encounter, bad ids, and the request id of another call."""
    subject = person(fusion, 60)
    call: Any = getattr(fusion.encounters, name)
    request = CALLS[name]
    assert (NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(call, request(**of(someone())))
    assert (NOT_FOUND, "ENCOUNTER_NOT_FOUND") == refused(call, request(**of(subject, "e9")))
    assert ["subject_id"] == fields_named(call, request(**of("no id")))
    assert ["encounter_id"] == fields_named(call, request(**of(subject, "no id")))
    for bad in ("", "1", "00000000-0000-1000-8000-000000000000"):
        assert ["request_id"] == fields_named(call, request(**of(subject) | {"request_id": bad}))
    used = enrolment(subject, eye(60, 1), add_encounter=True)
    fusion.subjects.EnrollSubject(used, timeout=60)
    reused = request(**of(subject) | {"request_id": used.request_id})
    assert (EXISTS, "REQUEST_ID_REUSED") == refused(call, reused)


def test_an_update_keeps_what_it_does_not_replace(fusion: Stub) -> None:
    """An inactive encounter remains so, and the time until which it is kept remains."""
    subject = person(fusion, 54)
    until = encounters_pb2.SetEncounterExpiryRequest(**of(subject))
    until.expire_time.FromDatetime(datetime(2031, 5, 6, tzinfo=UTC))
    fusion.encounters.SetEncounterExpiry(until)
    fusion.encounters.DeactivateEncounter(encounters_pb2.DeactivateEncounterRequest(**of(subject)))
    fusion.encounters.UpdateEncounter(encounters_pb2.UpdateEncounterRequest(**of(subject), samples=[eye(54, 1)]))
    kept = encounters(fusion, subject)["first"]
    assert (INACTIVE, until.expire_time) == (kept.state, kept.expire_time)
