"""Opaque tokens: positions in the change feed (consistency tokens), and page tokens.

A feed token reads `<adapter>.<store id>.<mark>.<major>-<minor>`, e.g. `redis.5f0c1d2e.9b3e07aa.1767225600000-0`.
The adapter and the store's random id show which store made the token; the two numbers order the positions of one
store. The mark is random for each entry of the feed and shows a lost write: after a backup is restored and written
to, a number that is used again has another mark. Example, SQLite:

    write 57                                    sqlite.5f0c1d2e.9b3e07aa.57-0
    backup of write 56 restored, new write      sqlite.5f0c1d2e.1c44d0f3.57-0    the first token is refused
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256, shake_256
from secrets import token_hex

from biometrics.errors import FieldInvalid
from gallery.store.values import START, ConsistencyToken, ModelPage
from gallery.subject import check_id

TOKEN_PATTERN = re.compile(r"([a-z]+)\.([0-9a-f]{8})\.([0-9a-f]{8})\.([0-9]{1,20})-([0-9]{1,20})")
NO_MARK = "00000000"
"""The mark of the position before the first entry."""
MAX_NUMBER = 2**64 - 1
HEAD_BYTES = 12
"""Length of the hash at the head of a page token."""


class Listing(StrEnum):
    """The lists that have page tokens."""

    SUBJECTS = "SUBJECTS"
    MODELS = "MODELS"


@dataclass(frozen=True, slots=True)
class FeedPosition:
    """A position in one store's change feed.

    Args:
        adapter: kind of store, e.g. "sqlite".
        store_id: 8 hexadecimal digits, random per store.
        number: (major, minor), each 0 to 2⁶⁴ − 1; later positions are greater.
        mark: 8 hexadecimal digits, random per entry of the feed.
    """

    adapter: str
    store_id: str
    number: tuple[int, int]
    mark: str = NO_MARK

    @property
    def token(self) -> ConsistencyToken:
        """The position as an opaque token."""
        major, minor = self.number
        return ConsistencyToken(f"{self.adapter}.{self.store_id}.{self.mark}.{major}-{minor}")


def new_mark() -> str:
    """A random mark for a new entry."""
    return token_hex(4)


def origin(position: ConsistencyToken) -> ConsistencyToken:
    """The position before the first change of the store that made this one."""
    adapter, store_id, *_ = position.split(".")
    return FeedPosition(adapter, store_id, (0, 0)).token


def parse_token(token: ConsistencyToken, adapter: str, store_id: str = "") -> FeedPosition:
    """Read a token of this kind of store; with `store_id`, of this store only.

    `START` is read as position (0, 0) of any store.

    Raises:
        FieldInvalid: the token was made by another store, or by none.
    """
    if token == START:
        return FeedPosition(adapter, store_id, (0, 0))
    match = TOKEN_PATTERN.fullmatch(token)
    if match is None or match[1] != adapter or store_id not in ("", match[2]):
        raise _not_ours()
    number = (int(match[4]), int(match[5]))
    if max(number) > MAX_NUMBER:
        raise _not_ours()
    return FeedPosition(adapter, match[2], number, match[3])


def reached(adapter: str, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
    """Whether `applied` is at or after `wanted`.

    Raises:
        FieldInvalid: `wanted` was made by another store than `applied`.
    """
    known = parse_token(applied, adapter)
    asked = parse_token(wanted, adapter, known.store_id)
    return wanted == START or (applied != START and known.number >= asked.number)


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


def _not_ours() -> FieldInvalid:
    return FieldInvalid("consistency_token", "This is no token of this store. Send it as a write returned it.")
