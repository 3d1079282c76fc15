"""Small files that cost much, each made here under its name. 8000 × 4900 px are of a size that passes the header."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image as Pillow

from tests.support.made_files import LONG, chunk, encoded, gray_entries, png, tiff

WIDTH, HEIGHT = 8000, 4900
BOMBS: dict[str, Callable[[], bytes]] = {}


def bomb(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Enter a bomb under its name."""
    BOMBS[make.__name__] = make
    return make


def _scans(width: int, height: int, times: int) -> bytes:
    """A progressive JPEG whose last scan comes many times."""
    whole = encoded(Pillow.new("L", (width, height), 90), "JPEG", progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * times + whole[-2:]


@bomb
def jpeg_scans() -> bytes:
    """A progressive JPEG of some hundred scans."""
    return _scans(WIDTH, HEIGHT, 900)


@bomb
def jpeg_scans_small() -> bytes:
    """The same in a size that is begun at once."""
    return _scans(2000, 2000, 6000)


@bomb
def jpeg_markers() -> bytes:
    """A JPEG with a million empty comments."""
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG")
    return whole[:2] + b"\xff\xfe\0\2" * 1_000_000 + whole[2:]


@bomb
def jpeg_exif_loop() -> bytes:
    """A JPEG whose EXIF directory points to itself."""
    exif = b"Exif\0\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0x8769, LONG, 1, 8, 8)
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG")
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]


@bomb
def mpo_chain() -> bytes:
    """A JPEG that announces 60,000 more pictures."""
    entry = b"MPF\0II*\0" + struct.pack("<IHHHIIHHII", 8, 2, 0xB001, LONG, 1, 60_000, 0xB002, 7, 960_000, 38)
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG")
    return whole[:2] + b"\xff\xe2" + struct.pack(">H", len(entry) + 6) + entry + bytes(4) + whole[2:]


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
    """A small TIFF that announces strips of four thousand million rows."""
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


@bomb
def ppm_maxval() -> bytes:
    """A PNM of an unusual highest value."""
    return b"P5 4000 4000 254\n" + bytes(16_000_000)


@bomb
def ppm_comments() -> bytes:
    """A PNM of comments."""
    return b"P5\n" + b"#\n" * 8_000_000 + b"64 64 255\n" + bytes(4096)


@bomb
def ppm_plain() -> bytes:
    """A PNM in decimals."""
    return b"P2 2000 2000 255\n" + b"0 " * 4_000_000


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


@bomb
def bmp_runs() -> bytes:
    """A run-length BMP of one colour."""
    rows = (b"\xff\0" * (WIDTH // 255) + bytes((WIDTH % 255, 0)) + b"\0\0") * HEIGHT + b"\0\1"
    size = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 8, 1, len(rows), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(rows), 0, 0, 54 + 1024) + size + bytes(1024) + rows


@bomb
def jpeg2000_tiles() -> bytes:
    """A JPEG 2000 of ten thousand tiles."""
    return encoded(Pillow.new("L", (1600, 1600)), "JPEG2000", tile_size=(16, 16), num_resolutions=1)


@bomb
def jpeg2000_flat() -> bytes:
    """A JPEG 2000 of one colour, which cannot be decoded at less."""
    return encoded(Pillow.new("RGB", (4000, 4000)), "JPEG2000", num_resolutions=1)


@bomb
def jpeg2000_components() -> bytes:
    """A JPEG 2000 that announces 16,384 components of 8000 × 4900."""
    whole = encoded(Pillow.new("L", (64, 64)), "JPEG2000", no_jp2=True)
    count = 16_384
    size = struct.pack(">HHHIIIIIIIIH", 38 + 3 * count, 0, 0, WIDTH, HEIGHT, 0, 0, WIDTH, HEIGHT, 0, 0, count)
    rest = whole[4 + int.from_bytes(whole[4:6], "big") :]
    return b"\xff\x4f\xff\x51" + b"".join([size[:2], size[2:], b"\7\1\1" * count]) + rest


@bomb
def avif_flat() -> bytes:
    """An AVIF of one colour."""
    return encoded(Pillow.new("RGB", (WIDTH, HEIGHT)), "AVIF", speed=10)


@bomb
def avif_frames() -> bytes:
    """An AVIF sequence."""
    frames = [Pillow.fromarray(np.full((500, 500), n, np.uint8)) for n in range(0, 250, 10)]
    return encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:], speed=10)
