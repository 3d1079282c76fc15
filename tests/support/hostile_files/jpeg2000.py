"""JPEG 2000 files that are costly to decode."""

from __future__ import annotations

import struct

from PIL import Image as Pillow

from tests.support.hostile_files.registry import HEIGHT, WIDTH, bomb
from tests.support.made_files import encoded


@bomb
def jpeg2000_tiles() -> bytes:
    """A JPEG 2000 of ten thousand tiles."""
    return encoded(Pillow.new("L", (1600, 1600)), "JPEG2000", tile_size=(16, 16), num_resolutions=1)


@bomb
def jpeg2000_flat() -> bytes:
    """A JPEG 2000 of one colour that cannot be decoded at a lower resolution."""
    return encoded(Pillow.new("RGB", (4000, 4000)), "JPEG2000", num_resolutions=1)


@bomb
def jpeg2000_components() -> bytes:
    """A JPEG 2000 that declares 16,384 components of 8000 × 4900."""
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG2000", no_jp2=True)
    count = 16_384
    size = struct.pack(">HHHIIIIIIIIH", 38 + 3 * count, 0, 0, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT, 0, 0, count)
    rest = whole[4 + int.from_bytes(whole[4:6], "big") :]
    return b"\xff\x4f\xff\x51" + b"".join([size[:2], size[2:], b"\7\1\1" * count]) + rest
