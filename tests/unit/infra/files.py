"""Builds image files with 16 bits a sample byte by byte."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping

import cv2
import numpy as np
from PIL import Image as Pillow

SHORT, SIGNED = 3, 8  # TIFF field types
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # PNG, by channels


def png(samples: np.ndarray, significant_bits: int | None = None) -> bytes:
    """A PNG, (height, width) or (height, width, channels), optionally with an sBIT chunk."""
    planes = samples.reshape(*samples.shape[:2], -1)
    height, width, channels = planes.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in planes)
    chunks = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 16, COLOUR_TYPES[channels], 0, 0, 0)]
    if significant_bits:
        chunks.append(b"sBIT" + bytes([significant_bits] * channels))
    chunks += [b"IDAT" + zlib.compress(rows), b"IEND"]
    packed = (struct.pack(">I", len(each) - 4) + each + struct.pack(">I", zlib.crc32(each)) for each in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def tiff(samples: np.ndarray, order: str = "<", bits: int = 16, tags: Mapping[int, tuple[int, int]] = {}) -> bytes:
    """An uncompressed TIFF, little (<) or big (>) endian; `tags`: types and values of further fields."""
    height, width = samples.shape[:2]
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    pixels = (
        samples.astype(order + ("i2" if samples.min() < 0 else "u2")).tobytes() if bits == 16 else packed_12(samples)
    )
    fields = {256: width, 257: height, 259: 1, 262: 1 if channels == 1 else 2, 273: 8, 277: channels, 278: height}
    entries = {tag: (4, 1, struct.pack(order + "I", value)) for tag, value in fields.items()}
    entries[279] = (4, 1, struct.pack(order + "I", len(pixels)))
    for tag, (kind, value) in tags.items():
        entries[tag] = (kind, 1, struct.pack(order + ("H" if kind == SHORT else "h"), value).ljust(4, b"\0"))
    start = 8 + len(pixels)
    depths = struct.pack(order + "H" * channels, *[bits] * channels)
    beyond = struct.pack(order + "I", start + 2 + 12 * (len(entries) + 1) + 4)
    entries[258] = (SHORT, channels, depths.ljust(4, b"\0") if channels <= 2 else beyond)
    directory = b"".join(
        struct.pack(order + "HHI", tag, *entries[tag][:2]) + entries[tag][2] for tag in sorted(entries)
    )
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    return head + pixels + struct.pack(order + "H", len(entries)) + directory + bytes(4) + depths


def tiff_32(samples: np.ndarray) -> bytes:
    """A TIFF of signed 32-bit samples."""
    file = io.BytesIO()
    Pillow.fromarray(samples.astype(np.int32)).save(file, "TIFF")
    return file.getvalue()


def packed_12(samples: np.ndarray) -> bytes:
    """Pack two 12-bit samples into three bytes."""
    first, second = samples.reshape(-1, 2).astype(int).T
    return np.stack([first >> 4, (first & 15) << 4 | second >> 8, second & 255], axis=1).astype(np.uint8).tobytes()


def pnm(samples: np.ndarray, maxval: int = 65535) -> bytes:
    """A PGM or PPM."""
    height, width = samples.shape[:2]
    kind = "P5" if samples.ndim == 2 else "P6"
    return f"{kind}\n{width} {height}\n{maxval}\n".encode() + samples.astype(">u2").tobytes()


def jpeg2000(samples: np.ndarray) -> bytes:
    """A lossless JPEG 2000 of 16 bits."""
    if samples.ndim == 3:
        return cv2.imencode(".jp2", samples[..., ::-1], [cv2.IMWRITE_JPEG2000_COMPRESSION_X1000, 1000])[1].tobytes()
    file = io.BytesIO()
    Pillow.fromarray(samples).save(file, "JPEG2000")
    return file.getvalue()
