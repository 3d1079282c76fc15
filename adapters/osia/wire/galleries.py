"""Operations on galleries."""

from __future__ import annotations

from typing import Any

from biofusion.fusion.v1 import galleries_pb2, subjects_pb2

from adapters.osia.call import Call
from adapters.osia.reading.bodies import ALL
from adapters.wire.fusion import Fusion

_PAGE, _LIMIT = 1000, 1000


class Galleries:
    """Lists galleries and who is in them. Methods raise CallFailed.

    Args:
        fusion: the service.
    """

    def __init__(self, fusion: Fusion) -> None:
        self._fusion = fusion

    async def names(self) -> list[str]:
        """Those of all galleries with persons, in order."""
        answer = await self._fusion.ask(
            self._fusion.stubs.galleries.ListGalleries, galleries_pb2.ListGalleriesRequest()
        )
        return [each.gallery for each in answer.galleries]

    async def read_names(self, _call: Call) -> list[str]:
        """ReadGalleries."""
        return await self.names()

    async def read_content(self, call: Call) -> list[dict[str, str]]:
        """readGalleryContent: encounters in order of their persons, from `offset` on, `limit` of them."""
        gallery = call.path["galleryId"]
        request = subjects_pb2.ListSubjectsRequest(gallery="" if gallery == ALL else gallery, page_size=_PAGE)
        skipped, limit, found = call.query.get("offset", 0), call.query.get("limit", _LIMIT), list[dict[str, str]]()
        while True:
            page: Any = await self._fusion.ask(self._fusion.stubs.subjects.ListSubjects, request)
            pairs = [(each.subject_id, one.encounter_id) for each in page.subjects for one in each.encounters]
            found += [{"personId": person, "encounterId": one} for person, one in pairs[skipped:]]
            skipped = max(0, skipped - len(pairs))
            if len(found) >= limit or not page.next_page_token:
                return found[:limit]
            request.page_token = page.next_page_token
