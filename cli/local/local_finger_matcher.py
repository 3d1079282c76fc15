"""The FingerMatcher port on the fingerprint use cases in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from biometrics.sample import EncodedMinutiae, SlapImage
from biometrics.template import Template
from cli.local.local_matcher import LocalMatcher
from formats.contents import RecordFormat
from fusion.matching.finger_port import CutFinger, Exported
from services.fingerprint import minutiae_records
from services.fingerprint.fingers import Fingers
from services.fingerprint.slap_extraction import ExtractedFinger
from services.recognizer import Recognizer


class LocalFingerMatcher(LocalMatcher):
    """A Matcher and FingerMatcher that calls the fingerprint service's use cases directly.

    Args:
        recognizer: the use cases that all matching services have.
        fingers: those for slaps.
    """

    def __init__(self, recognizer: Recognizer[Any, Any], fingers: Fingers) -> None:
        super().__init__(recognizer)
        self._fingers = fingers

    async def template_of(self, minutiae: EncodedMinutiae, timeout_s: float) -> Template:
        """The template of minutiae that another extractor found."""
        work = self._recognizer.computed(minutiae_records.template_of, minutiae)
        template, _ = await self._call("extract", work, timeout_s)
        return template

    async def extract_fingers(self, slap: SlapImage, timeout_s: float) -> list[CutFinger]:
        """Cut a slap, and extract each finger."""
        found = await self._call("extract fingers", self._fingers.extract(slap), timeout_s)
        return list(map(_finger, found))

    async def export(
        self, templates: Sequence[Exported], record_format: RecordFormat, most: int | None, timeout_s: float
    ) -> bytes:
        """Write templates as a record of minutiae."""
        exported = [minutiae_records.Exported(each.template, each.position, each.quality) for each in templates]
        work = self._recognizer.computed(minutiae_records.record_of, exported, record_format, most)
        return await self._call("export", work, timeout_s)


def _finger(each: ExtractedFinger) -> CutFinger:
    position, confidence = each.finger.segment.position, each.finger.confidence
    if each.extraction is None:
        reason = each.failure.reason if each.failure else "UNKNOWN"
        return CutFinger(position, confidence, failure_reason=reason)
    found = each.extraction
    return CutFinger(position, confidence, found.template, found.quality, found.details.resolution)
