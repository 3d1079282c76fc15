"""The subjects of a gallery as parts of a job: pages of ids."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

from fusion.jobs.parts import Json, Part
from gallery.store.port import SubjectStore
from gallery.subject import DEFAULT_GALLERY


async def members(
    store: SubjectStore, gallery: str, after: Part | None, page_size: int, facts: Mapping[str, Json]
) -> AsyncGenerator[Part, None]:
    """Parts of up to `page_size` ids, in order; ids of subjects that cannot be read are among them.

    An alias is resolved once, at the beginning: a switch of it does not change what the job is about.

    Args:
        store: of the subjects.
        gallery: name of the gallery; "" means "default".
        after: the last part that is known; None: from the beginning.
        page_size: 1–100, so that the place is within its limit.
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
        ids = sorted([*(each.subject_id for each in page.subjects), *page.unreadable])
        if ids:
            yield Part({**facts, "gallery": gallery, "ids": ids, "first": first, "next": token}, len(ids))
            first += len(ids)
        elif not token:
            return
