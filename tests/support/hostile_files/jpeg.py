"""JPEG files that are costly to decode."""

from __future__ import annotations

import struct

from PIL import Image as Pillow

from tests.support.hostile_files.registry import HEIGHT, WIDTH, bomb
from tests.support.made_files import LONG, encoded


def _scans(width: int, height: int, times: int) -> bytes:
    """A progressive JPEG whose last scan is repeated many times."""
    whole = encoded(Pillow.new("L", (width, height), 90), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + whole[-2:]


@bomb
def jpeg_scans() -> bytes:
    """A progressive JPEG of some hundred scans."""
    return _scans(WIDTH, HEIGHT, 900)


@bomb
def jpeg_scans_small() -> bytes:
    """The same in a size for which decoding begins at once."""
    return _scans(2000, 2000, 6000)


@bomb
def jpeg_markers() -> bytes:
    """A JPEG with 2.5 million empty comments."""
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG")
    return whole[:2] + b"\xff\xfe\0\2" * 2_500_000 + whole[2:]


@bomb
def jpeg_exif_loop() -> bytes:
    """A JPEG whose EXIF directory points to itself."""
    exif = b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, LONG, 1, 8, 8)
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG")
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]


@bomb
def mpo_chain() -> bytes:
    """A JPEG that declares 60,000 more images."""
    entry = b"MPF\0II*\0" + struct.pack("<IHHHIIHHII", 8, 2, 0xB001, LONG, 1, 60_000, 0xB002, 7, 960_000, 38)
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG")
    return whole[:2] + b"\xff\xe2" + struct.pack(">H", len(entry) + 6) + entry + bytes(4) + whole[2:]
