"""Images of faces: ISO/IEC 19794-5:2005 (as passports hold it) and :2011 ("FAC")."""

from __future__ import annotations

from biometrics.errors import RecordMalformed
from biometrics.template import Modality, Position
from formats.codes import quality
from formats.contents import Contents, ImageContent, RecordFormat
from formats.cursor import Cursor
from formats.images import head
from formats.images.pixels import picture

_LANDMARK_BYTES = 8
_PERSON_BYTES_2005 = 1 + 1 + 1 + 3 + 2 + 3 + 3
"""Gender, eye and hair colour, properties, expression, pose and its uncertainty: read past, never kept."""
_PERSON_BYTES_2011 = _PERSON_BYTES_2005 + 1
"""And the height."""
_LEAST_BLOCK_BYTES_2005 = 4 + 2 + _PERSON_BYTES_2005 + 12
_LAST_KIND_2005, _LAST_KIND_2011 = 1, 3


def read_2005(data: bytes) -> Contents:
    """Read a record of 2005. The length of a single face may be 0: then it ends where the record ends.

    Raises:
        RecordMalformed: lengths that do not fit, or codes without a meaning.
        ImageTooLarge: the record states more pixels than are read.
    """
    record = head.record(data)
    number = head.count(record.u16("the number of faces"))
    samples = []
    for index in range(1, number + 1):
        where = f"representation {index}"
        length = record.u32(f"the length of {where}")
        if length == 0 and number == 1:
            length = record.left + 4
        if length < _LEAST_BLOCK_BYTES_2005:
            raise RecordMalformed(f"{where} states a length of {length} bytes, less than its header has.")
        samples.append(_face_2005(record.part(length - 4, where)))
    return Contents(RecordFormat.ISO_19794_5_2005, tuple(samples))


def _face_2005(body: Cursor) -> ImageContent:
    landmarks = body.u16("the number of landmarks")
    body.take(_PERSON_BYTES_2005 + landmarks * _LANDMARK_BYTES, "the landmarks")
    body.take(1, "the kind of the face")
    _check_kind(body.u8("the kind of the picture"), _LAST_KIND_2005, body.where)
    width, height = body.u16("the width"), body.u16("the height")
    body.take(1 + 1 + 2, "colours, source and device")
    score = body.u16("the quality")
    return _content(body, picture(body.rest(), width, height, body.where), quality(score) if score else None)


def read_2011(data: bytes) -> Contents:
    """Read a record of 2011.

    Raises:
        RecordMalformed: lengths that do not fit, or codes without a meaning.
        ImageTooLarge: the record states more pixels than are read.
    """
    samples = (_face_2011(body) for body, _ in head.representations(data, 2))
    return Contents(RecordFormat.ISO_19794_5_2011, tuple(samples))


def _face_2011(body: Cursor) -> ImageContent:
    score = head.captured(body)
    landmarks = body.u16("the number of landmarks")
    body.take(_PERSON_BYTES_2011 + landmarks * _LANDMARK_BYTES, "the landmarks")
    body.take(1, "the kind of the face")
    _check_kind(body.u8("the kind of the picture"), _LAST_KIND_2011, body.where)
    width, height = body.u16("the width"), body.u16("the height")
    body.take(1 + 2 + 1 + 1, "sampling, processing and colours")
    data = body.take(body.u32("the length of the picture"), "the picture")
    return _content(body, picture(data, width, height, body.where), score)


def _check_kind(kind: int, last: int, where: str) -> None:
    """0 JPEG, 1 JPEG 2000; in 2011 also 2 lossless JPEG 2000, 3 PNG. The decoder goes by the picture's own bytes."""
    if kind > last:
        raise RecordMalformed(f"{where} has the picture kind {kind}; 0–{last} have a meaning.")


def _content(body: Cursor, image: bytes, score: float | None) -> ImageContent:
    return ImageContent(Modality.FACE, Position.FACE, image, body.where, quality=score)
