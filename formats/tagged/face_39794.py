"""Images of faces in ISO/IEC 39794-5 (DER): only the way to the picture and its quality is walked.

Context tags count the components of each SEQUENCE from 0; a CHOICE keeps a tag of its own inside that of its component.
"""

from __future__ import annotations

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.codes import quality
from formats.contents import ImageContent
from formats.images.pixels import picture
from formats.limits import MOST_SAMPLES
from formats.tagged import tlv

_BLOCK = 0x65
_REPRESENTATIONS = 0xA1
_SEQUENCE = 0x30
_IMAGE = (0xA1, 0xA0, 0xA0)
"""imageRepresentation.base.imageRepresentation2DBlock"""
_PICTURE = (0x80,)
_FORMAT = (0xA1, 0xA0)
"""imageInformation2DBlock.imageDataFormat"""
_CODE = 0x80
_SIZE = (0xA1, 0xA7)
"""imageInformation2DBlock.imageSizeBlock"""
_QUALITIES = 0xA3
_SCORE = (0xA1, 0x80)
_PICTURES = range(2, 8)
"""JPEG, JPEG 2000 lossy and lossless, PNG, PGM, PPM."""


def read(block: bytes | memoryview) -> tuple[ImageContent, ...]:
    """Read a FaceImageDataBlock, from its tag [APPLICATION 5] on.

    Raises:
        RecordMalformed: a required element is missing, or a length does not fit.
        RecordUnsupported: an image of three dimensions or of an extension, or a picture of no known format.
        ImageTooLarge: the record states more pixels than are read.
    """
    blocks = tlv.need(block, (_BLOCK, _REPRESENTATIONS), "the record")
    parts = [one.value for one in tlv.elements(blocks, "the record", MOST_SAMPLES) if one.tag == _SEQUENCE]
    if not parts:
        raise RecordMalformed("The record holds no representation.")
    return tuple(_face(part, f"representation {index}") for index, part in enumerate(parts, start=1))


def _face(part: memoryview, where: str) -> ImageContent:
    if tlv.find(tlv.need(part, _IMAGE[:1], where), _IMAGE[1], where) is None:
        raise RecordUnsupported(f"{where} has an image of an extension. Send one with a picture of two dimensions.")
    image = tlv.need(part, _IMAGE, where)
    code = tlv.find(tlv.need(image, _FORMAT, where), _CODE, where)
    if code is None or tlv.number(code, where) not in _PICTURES:
        raise RecordUnsupported(f"{where} has a picture of an unknown format. Send JPEG, JPEG 2000 or PNG.")
    data = picture(tlv.need(image, _PICTURE, where), *_size(image, where), where)
    return ImageContent(Modality.FACE, Position.FACE, data, where, quality=_quality(part, where))


def _size(image: memoryview, where: str) -> tuple[int, int]:
    """Return the stated width and height; 0 if none is stated."""
    information = tlv.need(image, _SIZE[:1], where)
    size = tlv.find(information, _SIZE[1], where)
    if size is None:
        return 0, 0
    return tlv.number(tlv.need(size, (0x80,), where), where), tlv.number(tlv.need(size, (0x81,), where), where)


def _quality(part: memoryview, where: str) -> float | None:
    """Return the first score of 0–100 among the quality blocks."""
    blocks = tlv.find(part, _QUALITIES, where)
    if blocks is None:
        return None
    for block in tlv.elements(blocks, where):
        score = tlv.find(tlv.need(block.value, _SCORE[:1], where), _SCORE[1], where)
        if score is not None and quality(tlv.number(score, where)) is not None:
            return quality(tlv.number(score, where))
    return None
