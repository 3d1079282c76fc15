"""The picture of a record: as it is, or raw pixels with the few bytes before them that make a PNM file."""

from __future__ import annotations

from biometrics.errors import RecordMalformed, RecordUnsupported
from formats.limits import check_pixels

_GREY_BITS = 8


def picture(data: bytes | memoryview, width: int, height: int, where: str) -> bytes:
    """Return the bytes of a compressed picture, whose stated size is checked against the limit.

    Raises:
        ImageTooLarge: the record states more pixels than are read.
        RecordMalformed: there are no bytes.
    """
    check_pixels(width, height, where)
    if not len(data):
        raise RecordMalformed(f"{where} has no picture: its length is 0.")
    return bytes(data)


def grey_picture(data: bytes | memoryview, width: int, height: int, depth: int, where: str) -> bytes:
    """Return a PNM file (P5) of raw 8-bit grey pixels, row by row from the top.

    Raises:
        ImageTooLarge: the record states more pixels than are read.
        RecordUnsupported: not 8 bits a pixel.
        RecordMalformed: the number of bytes is not width × height.
    """
    check_pixels(width, height, where)
    if depth != _GREY_BITS:
        raise RecordUnsupported(
            f"{where} has raw pixels of {depth} bits; 8 are read. Store the image as PNG or JPEG 2000 in the record."
        )
    if not width or not height or len(data) != width * height:
        raise RecordMalformed(
            f"{where} states {width}×{height} raw pixels of 8 bits, but {len(data)} bytes of pixels are there."
        )
    return b"P5\n%d %d\n255\n" % (width, height) + data
