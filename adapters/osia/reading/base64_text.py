"""Bytes of base64, and raw pixels as a PNG."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib

from adapters.osia.faults import bad

MOST_PIXELS = 65_000_000
_COLOUR_TYPES = {8: (0, 1), 24: (2, 3)}
"""Bits of a pixel → PNG's colour type, and bytes of a pixel."""


def decoded(text: str, path: str) -> bytes:
    """The bytes of a base64 text, which may be a data URL. Raises Refused."""
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        found = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise bad(f"{path}: it is not base64.") from None
    if not found:
        raise bad(f"{path}: it is empty.")
    return found


def png_of_pixels(pixels: bytes, width: int, height: int, bits: int, path: str) -> bytes:
    """A PNG of raw pixels, of 8 or 24 bits each, row by row. Raises Refused: their number is another."""
    if bits not in _COLOUR_TYPES:
        raise bad(f"{path}.bitdepth: raw pixels of 8 or 24 bits are read.")
    colour, size = _COLOUR_TYPES[bits]
    if not (width > 0 and height > 0 and width * height <= MOST_PIXELS) or len(pixels) != width * height * size:
        raise bad(f"{path}.image: the number of raw pixels is not width × height.")
    rows = b"".join(b"\0" + pixels[at : at + width * size] for at in range(0, len(pixels), width * size))
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
