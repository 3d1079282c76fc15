"""Decisions by modality, of services that are played."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.mosip_biosdk import requests
from adapters.mosip_biosdk.biometrics import Extracted, Report, Score
from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.matching import match
from adapters.mosip_biosdk.samples import TEMPLATE, Sample
from biometrics.comparison import Comparison
from biometrics.template import Modality
from infra.calling.calls import CallFailed

MATCH_AT, REVIEW_AT = 5.0, 1.0
FINGERS = {"thumb": ("Right", "Thumb"), "index": ("Left", "IndexFinger"), "unknown": ()}


class Played:
    """Templates are numbers as text; a score is how close two are to each other, and scores add up."""

    def __init__(self) -> None:
        self.compared: list[int] = []

    async def check_quality(self, samples: Sequence[Sample]) -> list[Report]:
        """Not played."""
        raise NotImplementedError

    async def extract(self, sample: Sample) -> Extracted:
        """Nothing can be extracted."""
        raise CallFailed("FAILED_PRECONDITION", "FINGER_NOT_FOUND", "No finger.")

    async def compare(self, modality: Modality, probe: bytes, references: Sequence[bytes]) -> list[Comparison]:
        """6 less the difference."""
        self.compared.append(len(references))
        return [Comparison(6.0 - abs(float(probe) - float(each)), 0.0, 1.0, "played") for each in references]

    async def is_match(self, modality: Modality, scores: Sequence[Score]) -> bool | None:
        """By the sum."""
        total = sum(each.comparison.score for each in scores)
        return True if total >= MATCH_AT else None if total >= REVIEW_AT else False


def record(**templates: float) -> dict[str, Any]:
    """Templates of fingers."""
    return {
        "segments": [
            {
                "bdbInfo": {"type": ["FINGER"], "subtype": list(FINGERS[finger])},
                "bdb": list(TEMPLATE + str(value).encode()),
            }
            for finger, value in templates.items()
        ]
    }


def matched(probe: dict[str, Any], *gallery: dict[str, Any], played: Played | None = None) -> list[tuple[str, int]]:
    """The decision for each record, and how many errors it has."""
    asked = requests.match({"sample": probe, "gallery": list(gallery), "modalitiesToMatch": ["FINGER"]})
    found = asyncio.run(match(asked, played or Played()))
    assert list(range(len(gallery))) == [each["galleryIndex"] for each in found]
    decided = [each["decisions"]["FINGER"] for each in found]
    return [(each["match"], len(each["errors"])) for each in decided]


def test_a_review_is_no_match() -> None:
    """It is NOT_MATCHED and says why; a clear difference is NOT_MATCHED alone."""
    gallery = [record(thumb=each) for each in (0.0, 3.0, 9.0)]
    assert [("MATCHED", 0), ("NOT_MATCHED", 1), ("NOT_MATCHED", 0)] == matched(record(thumb=0.0), *gallery)


def test_fingers_are_compared_by_name() -> None:
    """With the same name or none, each probe in one call; a record without such a finger is an ERROR."""
    played = Played()
    gallery = [record(index=0.0), record(unknown=0.0), record(thumb=9.0, unknown=0.0)]
    assert [("ERROR", 1), ("MATCHED", 0), ("MATCHED", 0)] == matched(record(thumb=0.0), *gallery, played=played)
    assert [3] == played.compared


def test_fingers_add_up() -> None:
    """Two that would each have to be looked at decide together."""
    assert [("MATCHED", 0)] == matched(record(thumb=0.0, index=0.0), record(thumb=3.0, index=3.0))


def test_nothing_comparable_is_refused() -> None:
    """If that is so for the whole gallery, the code says it."""
    with pytest.raises(Refused) as refused:
        matched(record(thumb=0.0), record(index=0.0), record(index=0.0))
    assert Status.MATCHING_FAILED is refused.value.status
