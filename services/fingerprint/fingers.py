"""The use cases that only fingerprints have: slaps, and minutiae of others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from biometrics.sample import EncodedMinutiae, Sample, SlapImage
from infra.wire.field_paths import at
from services.extraction import Extractor
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.minutiae_records import template_of
from services.fingerprint.slap_extraction import ExtractedFinger, extracted, fingers_of
from services.recognizer import Recognizer, Stack


class Fingers:
    """Extracts slaps, and makes templates of minutiae that other extractors found.

    Args:
        recognizer: the use cases that all modalities have.
        extractor: image of one finger → template.
    """

    def __init__(
        self, recognizer: Recognizer[FingerprintDetails, Stack], extractor: Extractor[FingerprintDetails]
    ) -> None:
        self._recognizer, self._extractor = recognizer, extractor

    async def extract(self, slap: SlapImage) -> list[ExtractedFinger]:
        """Cut an image of several fingers, and extract each, from left to right.

        Raises:
            InvalidInput: the image cannot be decoded, or a segment cannot be cut.
            AcquisitionFailed: the fingers cannot be found: SLAP_NOT_FOUND, SLAP_FINGERS_MISSING, …
        """
        with at("image"), self._recognizer.in_hand(slap.image):
            image = await self._recognizer.decoded(slap.image)
        fingers = await self._recognizer.computed(fingers_of, image, slap)
        work = [self._recognizer.computed(extracted, self._extractor, finger) for finger in fingers]
        return list(await asyncio.gather(*work))


def comparable(sample: Sample) -> Sample:
    """The sample as an image or template: minutiae of others become a template, with the quality that they claim.

    Raises:
        RecordMalformed, RecordUnsupported, AcquisitionFailed: as `template_of`.
    """
    if not isinstance(sample.source, EncodedMinutiae):
        return sample
    template, quality = template_of(sample.source)
    claimed = sample.template_quality if sample.template_quality is not None else quality
    return replace(sample, source=template, template_quality=claimed)
