"""WebP, GIF and AVIF files that are costly to decode."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image as Pillow

from tests.support.hostile_files.registry import HEIGHT, WIDTH, bomb
from tests.support.made_files import encoded


@bomb
def webp_flat() -> bytes:
    """A WebP of one colour."""
    return encoded(Pillow.new("RGB", (WIDTH, HEIGHT)), "WEBP", lossless=True, method=0, quality=0)


@bomb
def webp_frames() -> bytes:
    """An animated WebP."""
    frames = [Pillow.new("RGB", (2000, 2000), (n, 0, 0)) for n in range(20)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], method=0)


@bomb
def gif_flat() -> bytes:
    """A GIF of one colour."""
    return encoded(Pillow.new("L", (WIDTH, HEIGHT)), "GIF")


@bomb
def gif_frames() -> bytes:
    """A GIF of a hundred thousand empty frames."""
    whole = encoded(Pillow.new("L", (64, 64)), "GIF")
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    return whole[:-1] + frame * 100_000 + whole[-1:]


@bomb
def gif_large_frame() -> bytes:
    """A GIF whose frame is larger than its screen."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(6) + frame + b";"


@bomb
def avif_flat() -> bytes:
    """An AVIF of one colour."""
    return encoded(Pillow.new("RGB", (WIDTH, HEIGHT)), "AVIF", speed=10)


@bomb
def avif_frames() -> bytes:
    """An AVIF sequence."""
    frames = [Pillow.fromarray(np.full((500, 500), n, np.uint8)) for n in range(0, 250, 10)]
    return encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:], speed=10)
