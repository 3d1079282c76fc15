"""Decisions of another system beside those of the service."""

from __future__ import annotations

import pytest
from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2

from tests.service.fusion.requests import Stub, enrolment, eye, fields_named, someone

MATCH, NO_MATCH = decision_pb2.OUTCOME_MATCH, decision_pb2.OUTCOME_NO_MATCH


def test_agreement_is_counted(fusion: Stub) -> None:
    """A verification that agrees and an identification that does not are counted apart, under their system."""
    subject, gallery = someone(), someone()
    system = f"old-{subject[:8]}"
    token = fusion.subjects.EnrollSubject(enrolment(subject, eye(51, 0), galleries=[gallery])).consistency_token
    other = decisions_pb2.OtherDecision(system=system, outcome=MATCH, subject_id=subject)
    fusion.decisions.VerifySubject(
        decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[eye(51, 1)], other_decision=other)
    )
    other.outcome, other.subject_id = NO_MATCH, ""
    fusion.decisions.IdentifySubjects(
        decisions_pb2.IdentifySubjectsRequest(
            samples=[eye(51, 1)], gallery=gallery, consistency_token=token, other_decision=other
        )
    )
    answer = fusion.decisions.GetAgreement(decisions_pb2.GetAgreementRequest(system=system))
    counts = [(c.operation, c.other_outcome, c.own_outcome, c.same_subject, c.count) for c in answer.counts]
    assert [("IDENTIFY", NO_MATCH, MATCH, False, 1), ("VERIFY", MATCH, MATCH, True, 1)] == counts
    assert 0 == answer.unwritten_count
    assert not fusion.decisions.GetAgreement(decisions_pb2.GetAgreementRequest(system="never-seen")).counts


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"system": "", "outcome": MATCH}, "other_decision.system"),
        ({"system": "old"}, "other_decision.outcome"),
        ({"system": "old", "outcome": 99}, "other_decision.outcome"),
        ({"system": "old", "outcome": MATCH, "subject_id": "a b"}, "other_decision.subject_id"),
    ],
    ids=str,
)
def test_an_invalid_other_decision_is_named(fusion: Stub, fields: dict[str, object], named: str) -> None:
    """It is refused before anything is decided."""
    other = decisions_pb2.OtherDecision(**fields)
    request = decisions_pb2.IdentifySubjectsRequest(samples=[eye(1, 0)], other_decision=other)
    assert [named] == fields_named(fusion.decisions.IdentifySubjects, request)
