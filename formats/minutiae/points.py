"""Minutiae of 6 or 5 bytes, or 3 on compact cards → arrays, and back.

| bytes | field |
|---|---|
| 2 | kind in the two high bits, x in the others |
| 2 | y; the two high bits are reserved |
| 1 | angle |
| 1 | quality; not in the form of 5 bytes |

On compact cards: x, y, and kind in the two high bits of the third byte with the angle in the others.
"""

from __future__ import annotations

import numpy as np

from biometrics.errors import RecordMalformed
from formats.cursor import Cursor
from formats.minutiae.record import Points

MOST = 255
"""Minutiae of one view."""
MOST_POSITION = 0x3FFF
RESERVED_KIND = 3

_WITHOUT = np.dtype([("x", ">u2"), ("y", ">u2"), ("angle", "u1")])
_WITH = np.dtype([*_WITHOUT.descr, ("quality", "u1")])
_COMPACT = np.dtype([("x", "u1"), ("y", "u1"), ("angle", "u1")])


def read_points(cursor: Cursor, count: int, size: int) -> Points:
    """The minutiae at the cursor.

    Args:
        cursor: at the first minutia.
        count: how many.
        size: bytes of each: 6, 5 or 3.

    Raises:
        RecordMalformed: fewer bytes are left, or a kind is the reserved one.
    """
    if count * size > cursor.left:
        raise RecordMalformed(f"{cursor.where}: {count} minutiae are announced, and {cursor.left} bytes are left.")
    data = bytes(cursor.take(count * size, "the minutiae"))
    points = _compact(data) if size == _COMPACT.itemsize else _wide(data, _WITH if size == _WITH.itemsize else _WITHOUT)
    reserved = np.flatnonzero(points.kind == RESERVED_KIND)
    if reserved.size:
        raise RecordMalformed(f"{cursor.where}, minutia {reserved[0] + 1}: the kind is 3, which is reserved.")
    return points


def _wide(data: bytes, layout: np.dtype[np.void]) -> Points:
    rows = np.frombuffer(data, layout)
    quality = rows["quality"].copy() if layout is _WITH else None
    x, y = rows["x"].astype(np.uint16), rows["y"].astype(np.uint16)
    kind, x, y = (x >> 14).astype(np.uint8), x & np.uint16(MOST_POSITION), y & np.uint16(MOST_POSITION)
    return Points(kind, x, y, rows["angle"].copy(), quality)


def _compact(data: bytes) -> Points:
    rows = np.frombuffer(data, _COMPACT)
    x, y = rows["x"].astype(np.uint16), rows["y"].astype(np.uint16)
    return Points(rows["angle"] >> np.uint8(6), x, y, rows["angle"] & np.uint8(0x3F), None)


def write_points(points: Points, size: int) -> bytes:
    """The minutiae as bytes; those without a quality get 0 where the form has one."""
    rows = np.zeros(len(points), {6: _WITH, 5: _WITHOUT, 3: _COMPACT}[size])
    kind = points.kind.astype(np.uint16)
    rows["y"] = points.y
    if size == _COMPACT.itemsize:
        rows["x"], rows["angle"] = points.x, (kind << 6) | points.angle
        return rows.tobytes()
    rows["x"], rows["angle"] = (kind << 14) | points.x, points.angle
    if size == _WITH.itemsize and points.quality is not None:
        rows["quality"] = points.quality
    return rows.tobytes()
