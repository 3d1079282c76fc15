"""What the log has of review cases: who gave which verdict on which case, and nothing of the note or the subject."""

from __future__ import annotations

from pathlib import Path

from biofusion.review.v1 import review_pb2

from cli.stubs import FusionStubs
from tests.service.audit.audited_calls import INTENT, asked, hashed, known, recorded
from tests.support.review.desk import new_request


def test_a_verdict_is_recorded(fusion: FusionStubs, place: Path) -> None:
    """Opening, claim and verdict name the case; the verdict also the person, and of the note there is a hash alone."""
    subject = known(fusion, 41)
    created, opening = asked(fusion.reviews.CreateReviewCase, new_request(subject))
    name = created.review_case.name
    claimed, claim = asked(fusion.reviews.ClaimReviewCase, review_pb2.ClaimReviewCaseRequest(name=name))
    request = review_pb2.DecideReviewCaseRequest(
        name=name,
        etag=claimed.review_case.etag,
        verdict=review_pb2.VERDICT_DIFFERENT,
        reason=review_pb2.VERDICT_REASON_OTHER,
        note="the ears differ",
    )
    _, verdict = asked(fusion.reviews.DecideReviewCase, request)
    found = [recorded(place, each).fields for each in (opening, claim, verdict)]
    assert [name] * 3 == [each["remarks"]["review_case"] for each in found]
    assert ["OPEN", "CLAIMED", "FIRST_VERDICT"] == [each["remarks"]["review_state"] for each in found]
    assert hashed(place, subject) == found[0]["request"]["subject_id"]
    assert (INTENT.officer, "DIFFERENT", "OTHER") == (
        found[2]["officer"],
        found[2]["request"]["verdict"],
        found[2]["request"]["reason"],
    )
    assert "ears" not in str(found)
