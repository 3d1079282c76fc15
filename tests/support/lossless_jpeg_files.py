"""Writes lossless JPEG files for tests, in forms that no library at hand writes: predictions by their definition."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import starmap

import numpy as np
from numpy.typing import NDArray


def lossless_jpeg(
    samples: NDArray[np.integer],
    predictor: int = 1,
    precision: int = 8,
    restart_rows: int = 0,
    is_interleaved: int = 1,
    shift: int = 0,
    extra: bytes = b"",
) -> bytes:
    """A lossless JPEG of the samples.

    Args:
        samples: (height, width) or (height, width, 3).
        predictor: 1 to 7.
        precision: bits of a sample.
        restart_rows: rows between restart markers; 0: none.
        is_interleaved: 1 if all colours are in one scan, 0 if each is in its own.
        shift: lowest bits that are dropped.
        extra: segments before the frame.
    """
    planes = samples[..., None] if samples.ndim == 2 else samples
    height, width, count = planes.shape
    frame = struct.pack(">BHHB", precision, height, width, count)
    frame += b"".join(bytes([number + 1, 0x11, 0]) for number in range(count))
    scans = [list(range(count))] if is_interleaved else [[number] for number in range(count)]
    parts = [b"\xff\xd8", extra, segment(0xC4, bytes([0, 0, 0, 0, 0, 17, *[0] * 11, *range(17)])), segment(0xC3, frame)]
    if restart_rows:
        parts.append(segment(0xDD, struct.pack(">H", restart_rows * width)))
    for scan in scans:
        head = bytes([len(scan)]) + b"".join(bytes([number + 1, 0]) for number in scan) + bytes([predictor, 0, shift])
        parts.append(segment(0xDA, head))
        shifted = planes[..., scan].astype(int) >> shift
        parts.append(_coded(shifted, predictor, 1 << (precision - shift - 1), restart_rows or height))
    return b"".join(parts) + b"\xff\xd9"


def segment(kind: int, content: bytes) -> bytes:
    """A marker segment."""
    return struct.pack(">BBH", 0xFF, kind, 2 + len(content)) + content


def _coded(planes: NDArray[np.int64], predictor: int, first: int, rows: int) -> bytes:
    found = []
    for number, top in enumerate(range(0, len(planes), rows)):
        part = planes[top : top + rows]
        changes = part - _predicted(part, predictor, first)
        bits = "".join(starmap(_bits, enumerate(changes.ravel().tolist())))
        bits += "1" * (-len(bits) % 8)
        data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
        found.append((bytes([0xFF, 0xD0 + (number - 1) % 8]) if number else b"") + data)
    return b"".join(found)


def _bits(_number: int, change: int) -> str:
    change = (change + 2**15 - 1) % 2**16 - 2**15 + 1  # −32767 to 32768
    category = abs(change).bit_length()
    code = f"{category:05b}"
    if category in (0, 16):
        return code
    return code + f"{change if change > 0 else change + 2**category - 1:0{category}b}"


def _predicted(part: NDArray[np.int64], predictor: int, first: int) -> NDArray[np.int64]:
    left, above, corner = (np.zeros_like(part) for _ in range(3))
    left[:, 1:], above[1:], corner[1:, 1:] = part[:, :-1], part[:-1], part[:-1, :-1]
    rules: Sequence[NDArray[np.int64]] = (
        left, above, corner, left + above - corner, left + ((above - corner) >> 1), above + ((left - corner) >> 1),
        (left + above) >> 1,
    )  # fmt: skip
    found = rules[predictor - 1].copy()
    found[0], found[1:, 0] = left[0], above[1:, 0]
    found[0, 0] = first
    return found
