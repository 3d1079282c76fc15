"""The review service of this process, as fusion opens cases in it: without a wire between the two."""

from __future__ import annotations

from biofusion.review.v1 import review_pb2

from infra.identity.visit import current_visit
from review.reviewing.reviews import Reviews
from review.wire.requests import new_case_from_wire


class LocalReviewCases:
    """Implements fusion.wire.reviewing.ReviewCases.

    Args:
        reviews: the use cases.
    """

    def __init__(self, reviews: Reviews) -> None:
        self._reviews = reviews

    async def open(self, request: review_pb2.CreateReviewCaseRequest) -> str:
        """See ReviewCases."""
        case, _ = await self._reviews.open(new_case_from_wire(request, current_visit.get().caller.name))
        return case.name

    async def close(self) -> None:
        """See ReviewCases."""
