"""convert-format: records of images → JPEG or PNG files, decoded in a process that can be killed."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.envelope import Json
from adapters.mosip_biosdk.requests import Conversion
from adapters.mosip_biosdk.samples import Sample, wanted
from adapters.mosip_biosdk.segments import changed, write
from biometrics.errors import InvalidInput
from formats.contents import RecordFormat
from formats.detect import detect
from infra.images.decode import Image, ImageLimits, decode

SOURCES = {
    "ISO19794_4_2011": RecordFormat.ISO_19794_4_2011,
    "ISO19794_5_2011": RecordFormat.ISO_19794_5_2011,
    "ISO19794_6_2011": RecordFormat.ISO_19794_6_2011,
}
TARGETS = {"IMAGE/JPEG": "JPEG", "IMAGE/PNG": "PNG"}
_JPEG_QUALITY = 95
Known = TypeVar("Known")


async def convert_format(request: Conversion, max_image_bytes: int) -> Json:
    """A record with the images of the samples that are meant, in order.

    Args:
        request: what to convert.
        max_image_bytes: most bytes of an image that is decoded.

    Raises:
        Refused: INVALID_INPUT for other formats, samples that are not of the source format, and images that cannot be
            decoded; else see `wanted`.
    """
    source, kind = _known(SOURCES, request.source, "sourceFormat"), _known(TARGETS, request.target, "targetFormat")
    samples = wanted(request.samples)
    for each in samples:
        if each.is_template or detect(each.data) is not source:
            raise Refused(Status.INVALID_INPUT, f"{each.segment.where} is no record in {request.source}.")
    limits = ImageLimits(max_bytes=max_image_bytes)
    return write([await asyncio.to_thread(_converted, each, kind, limits) for each in samples])


def _known(table: dict[str, Known], name: str, field: str) -> Known:
    found = table.get(name.strip().upper())
    if found is None:
        raise Refused(Status.INVALID_INPUT, f"{field} is none of {', '.join(table)}.")
    return found


def _converted(sample: Sample, kind: str, limits: ImageLimits) -> Json:
    """The segment says of its format what it said before, as MOSIP's own converter leaves it."""
    written = file_of(decoded(sample, limits).pixels, kind)
    return changed(sample.segment, written, sample.segment.format, "RAW", sample.segment.score)


def decoded(sample: Sample, limits: ImageLimits) -> Image:
    """The image of a sample, decoded in a process that can be killed. Raises Refused: INVALID_INPUT if it cannot be."""
    try:
        return decode(sample.image or b"", limits)
    except InvalidInput as error:
        raise Refused(Status.INVALID_INPUT, f"{sample.segment.where}: {error.message}") from None


def file_of(pixels: NDArray[np.uint8], kind: str) -> bytes:
    """An image file of pixels, grey or RGB; `kind` is JPEG or PNG."""
    written = BytesIO()
    Pillow.fromarray(pixels).save(written, kind, **({"quality": _JPEG_QUALITY} if kind == "JPEG" else {}))
    return written.getvalue()
