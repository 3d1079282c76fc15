"""Page tokens of ListReviewCases: where the next page begins, and a hash of the filter that it belongs to."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b

from biofusion.review.v1 import review_pb2

from biometrics.errors import FieldInvalid

HASH_BYTES = 6


def page_token(request: review_pb2.ListReviewCasesRequest, following: str) -> str:
    """The token of the next page; "" after the last."""
    return urlsafe_b64encode(_filter(request) + following.encode()).decode() if following else ""


def place_after(request: review_pb2.ListReviewCasesRequest) -> str:
    """Where the page begins; "" for the first.

    Raises:
        FieldInvalid: the token was not returned for this filter.
    """
    if not request.page_token:
        return ""
    try:
        raw = urlsafe_b64decode(request.page_token)
        after = raw[HASH_BYTES:].decode()
    except ValueError as error:
        raise _refused() from error
    if raw[:HASH_BYTES] != _filter(request):
        raise _refused()
    return after


def _refused() -> FieldInvalid:
    return FieldInvalid("page_token", "It was not returned by a list with this filter.")


def _filter(request: review_pb2.ListReviewCasesRequest) -> bytes:
    text = f"{request.view} {sorted(request.states)}"
    return blake2b(text.encode(), digest_size=HASH_BYTES).digest()
