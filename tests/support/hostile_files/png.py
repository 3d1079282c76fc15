"""PNG files that are costly to decode."""

from __future__ import annotations

import zlib

from tests.support.hostile_files.registry import HEIGHT, WIDTH, bomb
from tests.support.made_files import chunk, png


@bomb
def png_flat_alpha() -> bytes:
    """An RGBA PNG of one colour."""
    return png(WIDTH, HEIGHT, 6)


@bomb
def png_interlaced() -> bytes:
    """An interlaced PNG of one colour."""
    return png(WIDTH, HEIGHT, 2, interlace=1)


@bomb
def png_deep() -> bytes:
    """A PNG of 16 bits and four channels."""
    return png(WIDTH, HEIGHT, 6, 16)


@bomb
def png_text() -> bytes:
    """A PNG with compressed texts of a megabyte each."""
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9))
    return png(64, 64, extra=text * 500)


@bomb
def png_profile() -> bytes:
    """A PNG whose colour profile unpacks to half a gigabyte."""
    deflate = zlib.compressobj(9)
    packed = b"".join([deflate.compress(bytes(2**20)) for _ in range(512)]) + deflate.flush()
    return png(64, 64, extra=chunk(b"iCCP", b"a\0\0" + packed))


@bomb
def png_chunks() -> bytes:
    """A PNG of a million empty chunks."""
    return png(64, 64, extra=chunk(b"prIv", b"") * 1_000_000)
