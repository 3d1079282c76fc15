"""The subjects of a gallery as parts of a job: pages of ids."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence

from fusion.jobs.parts import Json, Part
from gallery.store.page_tokens import Listing, page_token
from gallery.store.port import SubjectStore
from gallery.subject import DEFAULT_GALLERY

MOST_BYTES = 8 * 1024
"""Most bytes of the ids of a part, as its place is read with every list of parts."""


async def members(
    store: SubjectStore, gallery: str, after: Part | None, page_size: int, facts: Mapping[str, Json]
) -> AsyncGenerator[Part, None]:
    """Parts of up to `page_size` ids, in order; ids of subjects that cannot be read are among them.

    An alias is resolved once, at the beginning: a switch of it does not change what the job is about.

    Args:
        store: of the subjects.
        gallery: name of the gallery; "" means "default".
        after: the last part that is known; None: from the beginning.
        page_size: most ids of a part.
        facts: what the place of every part has beside `gallery`, `ids`, `first` (number of the first) and `next`.

    Raises:
        GalleryNotFound: nobody was ever enrolled in the gallery.
    """
    if after is None:
        gallery, token, first = await store.resolve(gallery or DEFAULT_GALLERY), "", 1
    else:
        gallery, token, first = after.place["gallery"], after.place["next"], after.place["first"] + after.rows
    while token or first == 1:
        page = await store.list_summaries(page_size, token, gallery)
        token = page.next_page_token
        pieces = list(_pieces(sorted([*(each.subject_id for each in page.subjects), *page.unreadable])))
        for number, ids in enumerate(pieces, 1):
            following = token if number == len(pieces) else page_token(ids[-1], Listing.SUBJECTS, gallery)
            yield Part({**facts, "gallery": gallery, "ids": ids, "first": first, "next": following}, len(ids))
            first += len(ids)
        if not pieces and not token:
            return


def _pieces(ids: Sequence[str]) -> Iterator[list[str]]:
    """The ids in pieces that are within the limit of bytes."""
    piece, size = list[str](), 0
    for each in ids:
        size += len(json.dumps(each)) + 1
        if piece and size > MOST_BYTES:
            yield piece
            piece, size = [], len(json.dumps(each)) + 1
        piece.append(each)
    if piece:
        yield piece
