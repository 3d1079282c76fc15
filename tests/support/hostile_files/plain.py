"""PNM and BMP files that are costly to decode."""

from __future__ import annotations

import struct

from tests.support.hostile_files.registry import HEIGHT, WIDTH, bomb


@bomb
def ppm_maxval() -> bytes:
    """A PNM with an unusual maximum value."""
    return b"P5 4000 4000 254\n" + bytes(16_000_000)


@bomb
def ppm_comments() -> bytes:
    """A PNM that consists of comments."""
    return b"P5\n" + b"#\n" * 8_000_000 + b"64 64 255\n" + bytes(4096)


@bomb
def ppm_plain() -> bytes:
    """A PNM in decimals."""
    return b"P2 2500 2500 255\n" + b"0 " * 6_250_000


@bomb
def bmp_runs() -> bytes:
    """A run-length BMP of one colour."""
    rows = (b"\xff\0" * (WIDTH // 255) + bytes((WIDTH % 255, 0)) + b"\0\0") * HEIGHT + b"\0\1"
    size = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(rows), 0, 0, 54 + 1024) + size + bytes(1024) + rows
