"""segment: slaps → a picture of each finger, cut where the fingerprint service finds it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from adapters.mosip_biosdk.biometrics import Biometrics, Cut
from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.conversion import decoded, file_of
from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.requests import Samples
from adapters.mosip_biosdk.samples import Sample, missing_fingers, usable, wanted
from adapters.mosip_biosdk.segments import Segment, changed, write
from biometrics.slap import LEFT_TO_RIGHT
from biometrics.template import Position
from formats.cbeff.information import subtype
from formats.images.writing import FingerPicture, write_finger
from infra.images.decode import Image, ImageLimits

ASSUMED_DPI = 500.0
"""Of a slap where neither record nor file states one, as the fingerprint service assumes."""


async def segment(request: Samples, biometrics: Biometrics, max_image_bytes: int) -> Json:
    """A record with a segment for each finger of a slap, from left to right; other samples stay as they are.

    The request's exceptions say which fingers of a hand are not in its slap.

    Args:
        request: what to cut.
        biometrics: the services.
        max_image_bytes: most bytes of an image that is decoded.

    Raises:
        Refused: see `wanted`; INVALID_INPUT also for a template; POOR_QUALITY, with an empty record, if the fingers of
            a slap cannot be told apart.
        CallFailed: a service refuses a sample, or does not answer.
    """
    samples = wanted(request, with_slaps=True)
    missing, limits = missing_fingers(request.sample), ImageLimits(max_bytes=max_image_bytes)
    parts = await asyncio.gather(*(_parts(each, missing, biometrics, limits) for each in samples))
    return write([part for each in parts for part in each])


async def _parts(
    sample: Sample, missing: frozenset[Position], biometrics: Biometrics, limits: ImageLimits
) -> list[Json]:
    if sample.is_template:
        raise Refused(Status.INVALID_INPUT, f"{sample.segment.where} is a template. Send the image that it is of.")
    if sample.slap is None:
        return [_as_it_is(sample)]
    absent = [each for each in LEFT_TO_RIGHT[sample.slap] if each in missing]
    with usable(sample):
        cuts = await biometrics.cut(sample, absent)
    return await asyncio.to_thread(_pictures, sample, cuts, limits)


def _as_it_is(sample: Sample) -> Json:
    own = sample.segment
    return _with(own, own.data, " ".join(own.subtype), own.score)


def _pictures(sample: Sample, cuts: list[Cut], limits: ImageLimits) -> list[Json]:
    image = decoded(sample, limits).stated(*_stated(sample))
    return [_picture(sample, each, image) for each in cuts]


def _stated(sample: Sample) -> tuple[float | None, float | None]:
    """What the record says of its resolution."""
    return (sample.content and sample.content.resolution_dpi) or (None, None)


def _picture(sample: Sample, cut: Cut, image: Image) -> Json:
    found, reduction = cut.segment, image.reduction
    pixels = image.gray[
        found.top // reduction : found.bottom // reduction + 1, found.left // reduction : found.right // reduction + 1
    ]
    height, width = pixels.shape
    across = image.resolution_dpi or ASSUMED_DPI / reduction
    dots = across, image.vertical_dpi or across
    record = write_finger(FingerPicture(found.position, file_of(pixels, "PNG"), width, height, dots, cut.quality))
    return _with(sample.segment, record, subtype(found.position), round(cut.quality or 0.0))


def _with(segment: Segment, data: bytes, words: str, score: int) -> Json:
    """A segment as MOSIP's schema of this operation has it: with fewer fields, and one word for a finger."""
    own = replace(segment, subtype=(words,) if words else ())
    found = changed(own, data, own.format, "RAW", score)
    for name in ("others", "birs"):
        del found[name]
    del found["bdbInfo"]["quality"]["qualityCalculationFailed"]
    return found
