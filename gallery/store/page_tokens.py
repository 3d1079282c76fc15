"""Page tokens: where the next page of a list begins."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256, shake_256

from biometrics.errors import FieldInvalid
from gallery.store.values import ModelPage
from gallery.subject import check_id

HEAD_BYTES = 12
"""Length of the hash at the head of a page token."""


class Listing(StrEnum):
    """The lists that have page tokens."""

    SUBJECTS = "SUBJECTS"
    MODELS = "MODELS"


def page_token(last_id: str, listing: Listing, gallery: str = "") -> str:
    """The token of the page that begins after this id, in this list, of this gallery.

    It is the id, masked and headed by a hash of all three: a store keeps nothing of it, and the token of another list
    or gallery is told apart. Callers are not meant to read or make one; it is no secret.
    """
    head = sha256(f"{listing}\n{gallery}\n{last_id}".encode()).digest()[:HEAD_BYTES]
    return urlsafe_b64encode(head + _masked(last_id.encode(), head)).decode()


def model_page(model_ids: Sequence[str], page_size: int) -> ModelPage:
    """The page of the first `page_size` ids. If `model_ids` has one more, there is a next page."""
    page = tuple(model_ids[:page_size])
    return ModelPage(page, page_token(page[-1], Listing.MODELS) if len(model_ids) > page_size else "")


def parse_page_token(token: str, listing: Listing, gallery: str = "") -> str:
    """The id after which the page begins; "" for the first page.

    Raises:
        FieldInvalid: the page token was not returned by a previous page of this list and gallery.
    """
    if not token:
        return ""
    try:
        raw = urlsafe_b64decode(token.encode())
        last_id = check_id(_masked(raw[HEAD_BYTES:], raw[:HEAD_BYTES]).decode(), "page_token")
    except (ValueError, FieldInvalid):
        last_id = ""
    if page_token(last_id, listing, gallery) != token:
        raise FieldInvalid(
            "page_token",
            "it was not returned by this call. Send the next_page_token of the page before, with the same gallery, or "
            "leave it empty to begin anew.",
        )
    return last_id


def _masked(data: bytes, head: bytes) -> bytes:
    """The bytes, exclusive-or a stream made from the head; applied twice it gives them back."""
    stream = shake_256(head).digest(len(data))
    return bytes(one ^ other for one, other in zip(data, stream, strict=True))
