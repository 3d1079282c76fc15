"""Type-4: a fingerprint image behind a header of 18 bytes."""

from __future__ import annotations

from biometrics.errors import RecordUnsupported
from biometrics.template import Modality, Position
from formats.codes import finger, impression
from formats.contents import ImageContent, Slap
from formats.cursor import Cursor
from formats.images.pixels import grey_picture, picture
from formats.nist.records import File, Record
from formats.resolution import per_cm

_UNUSED = 255
_MM_PER_CM = 10
_LAST_COMPRESSION = 6
"""0 none, 1 WSQ, then the lossy and lossless JPEG, the two JPEG 2000 and PNG."""


def read(record: Record, file: File) -> ImageContent:
    """Read a Type-4 record.

    Raises:
        RecordMalformed: lengths that do not fit.
        RecordUnsupported: a palm, a combination of fingers, or an unknown compression.
        ImageTooLarge: the record states more pixels than are read.
    """
    body = Cursor(record.data, record.where)
    body.take(5, "length and IDC")
    made = body.u8("the impression")
    position, slap = _position(bytes(body.take(6, "the positions")), record.where)
    native = body.u8("the resolution") == 1
    width, height = body.u16("the width"), body.u16("the height")
    compression = body.u8("the compression")
    if compression > _LAST_COMPRESSION:
        raise RecordUnsupported(f"{record.where} has the compression {compression}, which is not read.")
    data = body.rest()
    if compression:
        image = picture(data, width, height, record.where)
    else:
        image = grey_picture(data[: width * height], width, height, 8, record.where)
    dots = per_cm((file.native if native else file.nominal) * _MM_PER_CM)
    resolution = None if dots is None else (dots, dots)
    return ImageContent(
        Modality.FINGERPRINT, position, image, record.where, resolution, impression=impression(made), slap=slap
    )


def _position(codes: bytes, where: str) -> tuple[Position, Slap | None]:
    """Return the position; UNKNOWN if the record names several that it may be."""
    stated = [code for code in codes if code != _UNUSED]
    return finger(stated[0], where) if len(stated) == 1 else (Position.UNKNOWN, None)
