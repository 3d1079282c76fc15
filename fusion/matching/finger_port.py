"""The port to what only the fingerprint service does: slaps, minutiae of others, and records of minutiae."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from biometrics.errors import ServiceUnavailable
from biometrics.quality import Quality
from biometrics.resolution import Resolution
from biometrics.sample import EncodedMinutiae, SlapImage
from biometrics.template import Modality, Position, Template
from formats.contents import RecordFormat
from fusion.matching.matchers import Matcher


@dataclass(frozen=True, slots=True)
class CutFinger:
    """One finger of a slap.

    Args:
        position: the finger.
        confidence: 0–1, that it is the whole tip of this finger.
        template: its template; None if none could be extracted.
        quality: of the template.
        resolution: at which it was read.
        failure_reason: why there is no template, UPPER_SNAKE; "" if there is one.
    """

    position: Position
    confidence: float
    template: Template | None = field(default=None, repr=False)
    quality: Quality | None = None
    resolution: Resolution | None = None
    failure_reason: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """A template to be written into a record, its finger, and the quality of its sample, 0–100, if known."""

    template: Template
    position: Position
    quality: float | None


@runtime_checkable
class FingerMatcher(Protocol):
    """The fingerprint service. Its methods raise as those of Matcher."""

    async def template_of(self, minutiae: EncodedMinutiae, timeout_s: float) -> Template:
        """The template of minutiae that another extractor found."""

    async def extract_fingers(self, slap: SlapImage, timeout_s: float) -> list[CutFinger]:
        """Cut a slap, and extract each finger."""

    async def export(
        self, templates: Sequence[Exported], record_format: RecordFormat, most: int | None, timeout_s: float
    ) -> bytes:
        """Write templates as a record of minutiae."""


def finger_matcher(matchers: Mapping[Modality, Matcher]) -> FingerMatcher:
    """The fingerprint service among these.

    Raises:
        ServiceUnavailable: it is none of them.
    """
    found = matchers.get(Modality.FINGERPRINT)
    if not isinstance(found, FingerMatcher):
        raise ServiceUnavailable("There is no fingerprint service here that reads records.", modality="FINGERPRINT")
    return found
