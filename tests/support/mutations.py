"""Damaged files, made deterministically from a sound file and a number."""

from __future__ import annotations

import io
import zlib
from functools import cache

import numpy as np
from PIL import Image as Pillow

SIDE = 64
EXTREME = (b"\0", b"\xff", b"\x7f", b"\x80", b"\1")
WIDE = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\x40\0", b"\0\x40\0\0")
OPTIONS: dict[str, tuple[str, str, dict[str, object]]] = {
    "JPEG": ("JPEG", "RGB", {"dpi": (500, 500)}),
    "progressive JPEG": ("JPEG", "RGB", {"progressive": True}),
    "PNG": ("PNG", "RGBA", {"dpi": (500, 500)}),
    "palette PNG": ("PNG", "P", {"bits": 4}),
    "deep PNG": ("PNG", "I;16", {}),
    "TIFF": ("TIFF", "RGB", {}),
    "LZW TIFF": ("TIFF", "L", {"compression": "tiff_lzw"}),
    "JPEG in TIFF": ("TIFF", "RGB", {"compression": "jpeg"}),
    "fax TIFF": ("TIFF", "1", {"compression": "group4"}),
    "BMP": ("BMP", "RGB", {}),
    "WebP": ("WEBP", "RGB", {}),
    "lossless WebP": ("WEBP", "RGBA", {"lossless": True}),
    "GIF": ("GIF", "P", {}),
    "PPM": ("PPM", "RGB", {}),
    "JPEG 2000": ("JPEG2000", "RGB", {}),
    "AVIF": ("AVIF", "RGB", {"speed": 10}),
}
"""Name → Pillow's format, mode and options."""


@cache
def sound(name: str) -> bytes:
    """A file of 64 × 64 px."""
    kind, mode, options = OPTIONS[name]
    colours = np.random.default_rng(1).integers(0, 255, (SIDE // 4, SIDE // 4, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    image = Pillow.fromarray(colours)
    image = Pillow.fromarray(np.asarray(image.convert("L")) * np.uint16(257)) if mode == "I;16" else image.convert(mode)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def mutated(whole: bytes, number: int) -> bytes:
    """The file with one to eight errors: bits, bytes, lengths, pieces that are missing, repeated or moved."""
    random = np.random.default_rng(number)
    data = bytearray(whole)
    for _ in range(int(random.integers(1, 9))):
        reach = len(data) if random.random() < 0.5 else min(len(data), 200)  # half of the errors are in the header
        at, length = int(random.integers(reach)), int(random.integers(1, 64))
        match int(random.integers(7)):
            case 0:
                data[at] ^= 1 << int(random.integers(8))
            case 1:
                data[at : at + 1] = EXTREME[int(random.integers(len(EXTREME)))]
            case 2:
                data[at : at + 4] = WIDE[int(random.integers(len(WIDE)))]
            case 3:
                del data[at : at + length]
            case 4:
                data[at:at] = data[at : at + length] * int(random.integers(1, 50))
            case 5:
                other = int(random.integers(len(data)))
                data[at : at + length] = data[other : other + length]
            case 6:
                del data[max(1, len(data) - length) :]
        if not data:
            return bytes(whole[:1])
    return with_sums(bytes(data)) if number % 2 and data.startswith(b"\x89PNG") else bytes(data)


def with_sums(data: bytes) -> bytes:
    """A PNG with corrected checksums, so that decoders read its damaged chunks."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        content = data[at + 4 : at + 8 + length]
        parts.append(data[at : at + 4] + content + zlib.crc32(content).to_bytes(4, "big"))
        at += 12 + length
    return b"".join(parts)
