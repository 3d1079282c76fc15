"""Where the picture of a sample comes from: sealed with its case, or from the configured origin."""

from __future__ import annotations

import asyncio
from typing import Any

from console.faults import Refused
from console.people.person import Person
from console.pictures.origin import Origin
from console.values.cases import Case
from console.values.samples import Sample
from console.wire.reviews import Reviews


class Pictures:
    """Pictures and templates of a case's samples, only for the person who has claimed it. Nothing is kept.

    Args:
        reviews: opens what is sealed.
        origin: fetches what is referred to.
    """

    def __init__(self, reviews: Reviews, origin: Origin) -> None:
        self._reviews, self._origin = reviews, origin

    async def image(self, person: Person, case: Case, sample: Sample) -> bytes:
        """The bytes of a sample's picture, as its owner encoded it.

        Raises:
            Refused: the person has not claimed the case, or there is no picture.
            CallFailed, Unavailable: it cannot be had.
        """
        if not case.is_mine:
            raise Refused(403, "not_yours")
        if sample.has_image:
            return (await self._reviews.sealed(person, case.id, sample))[0]
        if not sample.reference:
            raise Refused(404, "no_picture")
        return await asyncio.to_thread(self._origin.fetch, sample.reference)

    async def sample(self, person: Person, case: Case, sample: Sample) -> tuple[bytes, Any]:
        """What can be compared again: a picture, or a template if there is no picture. Raises as `image`."""
        if not case.is_mine:
            raise Refused(403, "not_yours")
        if sample.has_image or sample.has_template:
            return await self._reviews.sealed(person, case.id, sample)
        return await self.image(person, case, sample), None
