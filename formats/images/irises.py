"""Images of irises: ISO/IEC 19794-6:2005 and :2011 ("IIR")."""

from __future__ import annotations

from collections.abc import Iterator

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import Modality, Position
from formats.codes import eye, quality
from formats.contents import Contents, ImageContent, RecordFormat
from formats.cursor import Cursor
from formats.images import head
from formats.images.pixels import grey_picture, picture
from formats.limits import check_samples

_KINDS = (1, 2, 3, 7)
"""Uncropped, of a camera's size, cropped, cropped with lids and sclera painted flat (2011)."""
_RAW_GREY, _RAW_COLOUR = 2, 4
_FORMATS = range(2, 17, 2)
_BEFORE_HEADER_LENGTH = 8 + 4 + 2 + 1 + 2
"""Bytes of 2005's general header up to its own length, and with it."""
_MOST_EYES = 2


def _image(data: memoryview, width: int, height: int, depth: int, stored: int, where: str) -> bytes:
    """Return the image file; the codes of the formats are even numbers, and from 6 on they are files."""
    if stored == _RAW_COLOUR:
        raise RecordUnsupported(f"{where} has raw pixels in colour (format 4). Store it in grey, or as an image file.")
    if stored == _RAW_GREY:
        return grey_picture(data, width, height, depth, where)
    if stored not in _FORMATS:
        raise RecordMalformed(f"{where} has the image format {stored}, which has no meaning.")
    return picture(data, width, height, where)


def read_2005(data: bytes) -> Contents:
    """Read a record of 2005: size and format are stated once for all images.

    Raises:
        RecordMalformed: lengths that do not fit, or codes without a meaning.
        RecordUnsupported: raw pixels in colour, or of other depths than 8 bits.
        ImageTooLarge: the record states more pixels than are read.
    """
    record = head.record(data)
    record.take(2, "the capture device")
    eyes = head.count(record.u8("the number of eyes"))
    header = record.u16("the length of the header")
    rest = record.part(max(header - _BEFORE_HEADER_LENGTH, 0), "the header")
    rest.take(2 + 2, "properties and diameter")
    stored, width, height = rest.u16("the format"), rest.u16("the width"), rest.u16("the height")
    depth = rest.u8("the depth")
    if eyes > _MOST_EYES:
        raise RecordMalformed(f"The record states {eyes} eyes; at most 2 have a meaning.")
    samples = (
        ImageContent(Modality.IRIS, position, _image(pixels, width, height, depth, stored, where), where, quality=score)
        for where, position, pixels, score in _images_2005(record, eyes)
    )
    return Contents(RecordFormat.ISO_19794_6_2005, tuple(samples))


def _images_2005(record: Cursor, eyes: int) -> Iterator[tuple[str, Position, memoryview, float | None]]:
    seen = 0
    for _ in range(eyes):
        position = eye(record.u8("the eye"), "The record")
        for _ in range(record.u16("the number of images")):
            seen += 1
            check_samples(seen, "The record")
            where = f"representation {seen}"
            record.take(2, "the number of the image")
            score = record.u8("the quality")
            record.take(2 + 2, "the rotation")
            yield where, position, record.take(record.u32("the length of the picture"), where), quality(score)


def read_2011(data: bytes) -> Contents:
    """Read a record of 2011: each representation states all of its image.

    Raises:
        RecordMalformed: lengths that do not fit, or codes without a meaning.
        RecordUnsupported: raw pixels in colour, or of other depths than 8 bits.
        ImageTooLarge: the record states more pixels than are read.
    """
    samples = (_representation(body) for body, _ in head.representations(data, 1))
    return Contents(RecordFormat.ISO_19794_6_2011, tuple(samples))


def _representation(body: Cursor) -> ImageContent:
    score = head.captured(body)
    body.take(2, "the number of the representation")
    position = eye(body.u8("the eye"), body.where)
    kind, stored = body.u8("the kind"), body.u8("the format")
    if kind not in _KINDS:
        raise RecordMalformed(f"{body.where} has the iris kind {kind}; 1, 2, 3 and 7 have a meaning.")
    body.take(1, "the properties")
    width, height, depth = body.u16("the width"), body.u16("the height"), body.u8("the depth")
    body.take(2 + 2 + 2 + 12, "range, roll, centre and diameter")
    data = body.take(body.u32("the length of the picture"), "the picture")
    image = _image(data, width, height, depth, stored, body.where)
    return ImageContent(Modality.IRIS, position, image, body.where, quality=score)
