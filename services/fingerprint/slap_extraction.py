"""One image of several fingers → the template of each."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import AcquisitionFailed, ImageTooLarge, ImageTooSmall
from biometrics.sample import SlapImage
from biometrics.slap import Segment
from infra.images.decode import Image
from services.extraction import Extraction, Extractor
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.quality.contactless import Look, contactless, look_of
from services.fingerprint.slap.cutting import cut, cut_out
from services.fingerprint.slap.found import Cut
from services.fingerprint.slap.segment import segment


@dataclass(frozen=True, slots=True)
class SlapFinger:
    """One finger of a slap.

    Args:
        segment: where it was cut, px of the image, with its position.
        confidence: 0–1, that it is the whole tip of this finger; 1 for a given segment.
        cut: its image.
    """

    segment: Segment
    confidence: float
    cut: Cut


@dataclass(frozen=True, slots=True)
class ExtractedFinger:
    """What became of one finger of a slap.

    Args:
        finger: the finger.
        extraction: its template; None if none could be extracted.
        failure: why there is none.
    """

    finger: SlapFinger
    extraction: Extraction[FingerprintDetails] | None = None
    failure: AcquisitionFailed | ImageTooSmall | ImageTooLarge | None = None


def fingers_of(image: Image, slap: SlapImage) -> list[SlapFinger]:
    """Cut a slap by its segments, else by finding the fingers; from left to right.

    Raises:
        FieldInvalid: a segment cannot be cut.
        AcquisitionFailed, ImageTooLarge: see `slap.segment.segment`; CONTACTLESS_IMAGE: a photograph of fingers.
    """
    if slap.segments:
        cuts = cut(image, slap.segments)
        return [SlapFinger(given, 1.0, each) for given, each in zip(slap.segments, cuts, strict=True)]
    if look_of(image) is Look.PHOTOGRAPH:
        raise contactless()
    found = segment(image, slap.slap, slap.missing)
    cuts = cut_out(image, found)
    return [
        SlapFinger(finger.segment, finger.confidence, each) for finger, each in zip(found.fingers, cuts, strict=True)
    ]


def extracted(extractor: Extractor[FingerprintDetails], finger: SlapFinger) -> ExtractedFinger:
    """Extract one finger that was cut; a finger that cannot be extracted does not fail the others."""
    try:
        return ExtractedFinger(finger, extractor.extract(finger.cut.image, finger.segment.position))
    except (AcquisitionFailed, ImageTooSmall, ImageTooLarge) as error:
        return ExtractedFinger(finger, failure=error)
