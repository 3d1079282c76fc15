"""Type-9: minutiae as INCITS 378 has them (M1), in the extended feature set (EFS), or in the fields of 1993–2000."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from biometrics.errors import RecordMalformed, RecordUnsupported
from formats.codes import finger, impression, quality
from formats.contents import KINDS, MinutiaeContent, MinutiaKind
from formats.nist.fields import MOST_MINUTIAE_BYTES, Fields, fields
from formats.nist.records import Record
from formats.resolution import by_unit

HUNDREDTHS_MM_DPI = 2540.0
"""Coordinates in 0.01 mm are pixels of this resolution."""
_IMPRESSION = 3
_OLD_POSITION, _OLD_COUNT, _OLD_MINUTIAE = 6, 10, 12
_WIDTH, _HEIGHT, _UNIT, _ACROSS, _DOWN = 128, 129, 130, 131, 132
_POSITION, _QUALITY, _COUNT, _MINUTIAE = 134, 135, 136, 137
_EFS_SIZE, _EFS_POSITION, _EFS_MINUTIAE = 300, 302, 331
_WANTED = frozenset(
    {_IMPRESSION, _OLD_POSITION, _OLD_COUNT, _OLD_MINUTIAE, _WIDTH, _HEIGHT, _UNIT, _ACROSS, _DOWN, _POSITION, _QUALITY}
    | {_COUNT, _MINUTIAE, _EFS_SIZE, _EFS_POSITION, _EFS_MINUTIAE}
)
_LETTERS = {"E": MinutiaKind.ENDING, "B": MinutiaKind.BIFURCATION, "X": MinutiaKind.OTHER}
_OLD_LETTERS = {"A": MinutiaKind.ENDING, "B": MinutiaKind.BIFURCATION}
_MOST_MINUTIAE = 1000
"""Of one record; matchers use at most some hundred."""
_OLD_DIGITS = 11
"""XXXXYYYYTTT; some writers add digits, which are not read."""

Row = tuple[int, int, float, MinutiaKind, float]
"""x, y, angle in degrees, kind, confidence."""


def read(record: Record) -> MinutiaeContent:
    """Read a Type-9 record. Of several kinds of fields in it, M1 comes before EFS, and both before the old ones.

    Raises:
        RecordMalformed: fields that contradict each other.
        RecordUnsupported: a palm, or none of the three kinds of fields (e.g. only a vendor's own).
    """
    found = fields(record.data, record.type, _WANTED, record.where)
    if _MINUTIAE in found or _COUNT in found:
        return _m1(found)
    if _EFS_MINUTIAE in found:
        return _efs(found)
    if _OLD_MINUTIAE in found:
        return _old(found)
    raise RecordUnsupported(
        f"{record.where} has minutiae in none of the fields that are read: 9.137 (M1), 9.331 (EFS), 9.012."
    )


def _m1(found: Fields) -> MinutiaeContent:
    """Angles are in units of 2°; origin top left."""
    resolution = by_unit(found.number(_UNIT), found.number(_ACROSS), found.number(_DOWN))
    if resolution is None:
        raise RecordMalformed(f"{found.where} states no resolution (9.130–9.132).")
    rows = []
    minutiae = found.numbers(_MINUTIAE, MOST_MINUTIAE_BYTES)
    _check_rows(found, minutiae, _MINUTIAE, 6)
    _check_count(found, len(minutiae), _MINUTIAE, _COUNT)
    for _, x, y, angle, kind, score, *_ in minutiae:
        if kind >= len(KINDS):
            raise RecordMalformed(f"{found.where} has a minutia of the kind {kind}; 0–2 have a meaning.")
        confidence = quality(score) if score else None
        rows.append((x, y, 2.0 * angle, KINDS[kind], math.nan if confidence is None else confidence / 100))
    size = (found.number(_WIDTH), found.number(_HEIGHT))
    return _content(found, found.number(_POSITION, 0), size, resolution, rows, quality(found.number(_QUALITY, 254)))


def _efs(found: Fields) -> MinutiaeContent:
    """Coordinates are in 0.01 mm from the top left of the region of interest, angles in degrees."""
    region = next(iter(found.rows(_EFS_SIZE)), [])[:2]
    size = tuple(found.whole(item, _EFS_SIZE) for item in region)
    rows = []
    minutiae = found.rows(_EFS_MINUTIAE, MOST_MINUTIAE_BYTES)
    _check_rows(found, minutiae, _EFS_MINUTIAE, 4)
    for row in minutiae:
        x, y, angle = (found.whole(item, _EFS_MINUTIAE) for item in row[:3])
        rows.append((x, y, float(angle), _LETTERS.get(row[3].strip().upper(), MinutiaKind.OTHER), math.nan))
    dpi = (HUNDREDTHS_MM_DPI, HUNDREDTHS_MM_DPI)
    return _content(found, found.number(_EFS_POSITION, 0), size if len(size) == 2 else None, dpi, rows, None)


def _old(found: Fields) -> MinutiaeContent:
    """Coordinates are in 0.01 mm, y upwards, and angles point away from the ridge, as NBIS writes them.

    The height of the image is not stated, so y is measured down from the highest minutia: a shift of all of them.
    """
    placed = []
    minutiae = found.rows(_OLD_MINUTIAE, MOST_MINUTIAE_BYTES)
    _check_rows(found, minutiae, _OLD_MINUTIAE, 4)
    _check_count(found, len(minutiae), _OLD_MINUTIAE, _OLD_COUNT)
    for row in minutiae:
        digits = row[1].strip()[:_OLD_DIGITS]
        if len(digits) < _OLD_DIGITS:
            raise RecordMalformed(f"{found.where} has a minutia (9.012) of less than 11 digits.")
        x, y, angle = (found.whole(part, _OLD_MINUTIAE) for part in (digits[:4], digits[4:8], digits[8:]))
        placed.append((x, y, angle + 180.0, _OLD_LETTERS.get(row[3].strip().upper(), MinutiaKind.OTHER)))
    top = max((y for _, y, _, _ in placed), default=0)
    rows = [(x, top - y, angle, kind, math.nan) for x, y, angle, kind in placed]
    dpi = (HUNDREDTHS_MM_DPI, HUNDREDTHS_MM_DPI)
    return _content(found, found.number(_OLD_POSITION, 0), None, dpi, rows, None)


def _check_rows(found: Fields, rows: Sequence[Sequence[object]], number: int, least: int) -> None:
    """Raise RecordMalformed if a field has too many minutiae, or one of fewer items than at least."""
    if len(rows) > _MOST_MINUTIAE:
        raise RecordMalformed(f"{found.where} has {len(rows)} minutiae; at most {_MOST_MINUTIAE} are read.")
    if any(len(row) < least for row in rows):
        raise RecordMalformed(f"{found.where} has a minutia (9.{number:03}) of less than {least} items.")


def _check_count(found: Fields, rows: int, number: int, count: int) -> None:
    """Raise RecordMalformed if another field counts other minutiae than there are."""
    stated = found.number(count, rows)
    if stated != rows:
        raise RecordMalformed(f"{found.where} states {stated} minutiae (9.{count:03}), and 9.{number:03} has {rows}.")


def _content(
    found: Fields,
    code: int,
    size: tuple[int, ...] | None,
    resolution: tuple[float, float],
    rows: Sequence[Row],
    score: float | None,
) -> MinutiaeContent:
    position, slap = finger(code, found.where)
    if slap is not None:
        raise RecordUnsupported(f"{found.where} has minutiae of a slap. Send those of each finger by itself.")
    if any(not 0 <= angle < 720 for _, _, angle, _, _ in rows):
        raise RecordMalformed(f"{found.where} has a minutia with an angle of more than 360°.")
    columns = np.array([(x, y, angle, KINDS.index(kind), confidence) for x, y, angle, kind, confidence in rows])
    x, y, angle, kind, confidence = columns.reshape(-1, 5).T.copy()
    return MinutiaeContent(
        position,
        found.where,
        None if size is None else (size[0], size[1]),
        resolution,
        x,
        y,
        np.radians(angle % 360.0),
        kind.astype(np.uint8),
        confidence,
        score,
        impression(found.number(_IMPRESSION, 29)),
    )
