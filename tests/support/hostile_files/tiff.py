"""TIFF files that are costly to decode."""

from __future__ import annotations

import struct
import zlib

from tests.support.hostile_files.registry import HEIGHT, WIDTH, bomb
from tests.support.made_files import LONG, gray_entries, tiff


@bomb
def tiff_directories() -> bytes:
    """A TIFF chain of 60,000 directories."""
    start = 8 + 2 + 9 * 12 + 4
    return tiff(gray_entries(64, 64, start, 4096), bytes(4096), 60_000)


@bomb
def tiff_loop() -> bytes:
    """A TIFF whose directory is followed by itself."""
    whole = bytearray(tiff(gray_entries(64, 64, 8 + 2 + 9 * 12 + 4, 4096), bytes(4096)))
    whole[8 + 2 + 9 * 12 : 8 + 2 + 9 * 12 + 4] = struct.pack("<I", 8)
    return bytes(whole)


@bomb
def tiff_huge_tiles() -> bytes:
    """A TIFF of 64 × 64 px in tiles of 46,000 px a side."""
    packed = zlib.compress(bytes(46_000 * 100))
    start = 8 + 2 + 10 * 12 + 4
    kept = [each for each in gray_entries(64, 64, start, len(packed), 8) if each[0] not in (273, 278, 279)]
    tiles = [(322, LONG, 46_000), (323, LONG, 46_000), (324, LONG, start), (325, LONG, len(packed))]
    return tiff([*kept, *tiles], packed)


@bomb
def tiff_deflated_strip() -> bytes:
    """A TIFF of one deflated strip of 39 million pixels."""
    deflate = zlib.compressobj(9)
    packed = b"".join([deflate.compress(bytes(WIDTH)) for _ in range(HEIGHT)]) + deflate.flush()
    return tiff(gray_entries(WIDTH, HEIGHT, 8 + 2 + 9 * 12 + 4, len(packed), 8), packed)


@bomb
def tiff_rows_per_strip() -> bytes:
    """A small TIFF that declares strips of four thousand million rows."""
    packed = zlib.compress(bytes(4096))
    entries = gray_entries(64, 64, 8 + 2 + 9 * 12 + 4, len(packed), 8)
    return tiff([each if each[0] != 278 else (278, LONG, 2**32 - 1) for each in entries], packed)


@bomb
def tiff_tiny_tiles() -> bytes:
    """A TIFF of a million tiles."""
    side, count = 1000, 1_000_000
    data = struct.pack("<I", 8) * count
    start = 8 + 2 + 10 * 12 + 4
    kept = [each for each in gray_entries(side, side, start, 1) if each[0] not in (273, 278, 279)]
    whole = bytearray(tiff([*kept, (322, LONG, 1), (323, LONG, 1), (324, LONG, start), (325, LONG, start)], data))
    for tag in (324, 325):
        at = whole.index(struct.pack("<HHI", tag, LONG, 1))
        whole[at + 4 : at + 8] = struct.pack("<I", count)
    return bytes(whole)
