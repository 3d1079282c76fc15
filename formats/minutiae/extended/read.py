"""Reading the extended data of a view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from biometrics.errors import RecordMalformed
from formats.contents import RecordFormat
from formats.cursor import Cursor
from formats.minutiae.extended.blocks import read_blocks
from formats.minutiae.extended.kinds import Block, Core, Delta, Extended, RidgeCounts, Zones

RIDGE_COUNTS, CORES_AND_DELTAS, ZONES = 1, 2, 3
_ANGLES, _POSITION = 0x4000, 0x3FFF
_ALL_ANGLES, _COUNT = 0x40, 0x0F


def read_extended(cursor: Cursor, record_format: RecordFormat, size: tuple[int, int]) -> Extended:
    """The extended data at the cursor.

    A block whose content does not fill its length as it should is kept as bytes: it does not cost the minutiae, which
    do not depend on it. A published sample has such a block.

    Args:
        cursor: at the length of the extended data.
        record_format: which standard the record follows.
        size: width and height of the view's image, px.

    Raises:
        RecordMalformed: the lengths are wrong.
    """
    found = Extended()
    for block in read_blocks(cursor):
        try:
            found = _with(found, block, record_format, size)
        except RecordMalformed:
            found = replace(found, blocks=(*found.blocks, block))
    return found


def _with(found: Extended, block: Block, record_format: RecordFormat, size: tuple[int, int]) -> Extended:
    inside = Cursor(block.data, "extended data")
    if block.kind == RIDGE_COUNTS:
        return replace(found, ridge_counts=_ridge_counts(inside))
    if block.kind == CORES_AND_DELTAS:
        cores, deltas = _singular(inside, is_ansi=record_format.startswith("ANSI"))
        return replace(found, cores=cores, deltas=deltas)
    if block.kind == ZONES and record_format.startswith("ISO"):
        return replace(found, zones=_zones(inside, record_format, size))
    return replace(found, blocks=(*found.blocks, block))


def _ridge_counts(inside: Cursor) -> RidgeCounts:
    """Bytes that make no whole count at the end are left out: a published worked example has two."""
    method = inside.number(1, "the method of the ridge counts")
    rows = inside.take(inside.left // 3 * 3, "the ridge counts")
    return RidgeCounts(method, np.frombuffer(rows, np.uint8).reshape(-1, 3))


def _singular(inside: Cursor, *, is_ansi: bool) -> tuple[tuple[Core, ...], tuple[Delta, ...]]:
    """Cores and deltas.

    In ANSI records one bit says for all cores, and one for all deltas, whether angles follow; in ISO a bit of each x.
    """
    stated = inside.number(1, "the number of cores")
    cores = []
    for _ in range(stated & _COUNT):
        x, y, has_angle = _place(inside, "a core", has_angles=bool(stated & _ALL_ANGLES) if is_ansi else None)
        cores.append(Core(x, y, inside.number(1, "the angle of a core") if has_angle else None))
    stated = inside.number(1, "the number of deltas")
    deltas = []
    for _ in range(stated & _COUNT):
        x, y, has_angle = _place(inside, "a delta", has_angles=bool(stated & _ALL_ANGLES) if is_ansi else None)
        angles = inside.take(3, "the angles of a delta") if has_angle else None
        deltas.append(Delta(x, y, None if angles is None else (angles[0], angles[1], angles[2])))
    return tuple(cores), tuple(deltas)


def _place(inside: Cursor, what: str, *, has_angles: bool | None) -> tuple[int, int, bool]:
    x, y = inside.number(2, what), inside.number(2, what)
    return x & _POSITION, y & _POSITION, bool(x & _ANGLES) if has_angles is None else has_angles


def _zones(inside: Cursor, record_format: RecordFormat, size: tuple[int, int]) -> Zones:
    is_new = record_format is RecordFormat.ISO_19794_2_2011
    vendor, algorithm = ((inside.number(2, "the zonal quality's origin") if is_new else 0) for _ in range(2))
    width, height, bits = inside.take(3, "the head of the zonal quality")
    if not (width and height and 1 <= bits <= 8):
        raise RecordMalformed(f"{inside.where}: zonal quality in cells of {width} × {height} px and {bits} bits.")
    rows, columns = -(-size[1] // height), -(-size[0] // width)
    data = inside.take(-(-rows * columns * bits // 8), f"zonal quality of {rows} × {columns} cells")
    every = np.unpackbits(np.frombuffer(data, np.uint8))[: rows * columns * bits].reshape(rows, columns, bits)
    values = np.dot(every, 1 << np.arange(bits)[::-1]).astype(np.uint8)
    return Zones((width, height), bits, values, vendor, algorithm)
