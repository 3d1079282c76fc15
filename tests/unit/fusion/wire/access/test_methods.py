"""Operations that requests need."""

from __future__ import annotations

import pytest
from biofusion.review.v1 import review_pb2

from fusion.access.operations import Operation
from fusion.wire.access.methods import METHODS, operations_of

CLAIM = METHODS["/biofusion.review.v1.ReviewService/ClaimReviewCase"]


@pytest.mark.parametrize(
    ("role", "needed"),
    [
        (review_pb2.REVIEW_ROLE_UNSPECIFIED, (Operation.REVIEW,)),
        (review_pb2.REVIEW_ROLE_REVIEWER, (Operation.REVIEW,)),
        (review_pb2.REVIEW_ROLE_SUPERVISOR, (Operation.REVIEW, Operation.SUPERVISE)),
    ],
)
def test_a_supervisor_needs_more(role: review_pb2.ReviewRole.ValueType, needed: tuple[Operation, ...]) -> None:
    """A claim as supervisor needs `supervise` besides."""
    assert needed == operations_of(CLAIM, review_pb2.ClaimReviewCaseRequest(role=role))
