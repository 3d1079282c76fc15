"""The fields of INCITS 378 in Type-9 (9.126–9.137)."""

from __future__ import annotations

import numpy as np

from biometrics.errors import FieldInvalid
from formats.codes import finger_code, impression_code
from formats.contents import MinutiaeContent
from formats.nist.written import Values

_CBEFF = "27\x1f513\x1f0"
"""INCITS M1, finger minutiae of INCITS 378, no registered product."""
_EQUIPMENT = "NONE\x1f0"
_PER_INCH = "1"
_MOST_MINUTIAE, _LARGEST = 255, 16383
_NO_QUALITY = 254
_ANGLES = 180
"""Units of 2° in a circle."""


def minutiae_fields(content: MinutiaeContent) -> Values:
    """Return the fields of one finger view. Angles are rounded to 2°, places to whole pixels.

    Raises:
        FieldInvalid: the size of the image is not known, more than 255 minutiae, or one out of 0–16383 px.
    """
    if content.size_px is None:
        raise FieldInvalid("minutiae", "The size of the image is not known, and Type-9 must state it.")
    if len(content) > _MOST_MINUTIAE:
        raise FieldInvalid("minutiae", f"There are {len(content)} minutiae; Type-9 holds at most {_MOST_MINUTIAE}.")
    dpi = [max(round(value), 1) for value in content.resolution_dpi]
    rows = _rows(content, dpi)
    fields: Values = [
        (3, str(impression_code(content.impression))),
        (4, "S"),
        (126, _CBEFF),
        (127, _EQUIPMENT),
        (128, str(content.size_px[0])),
        (129, str(content.size_px[1])),
        (130, _PER_INCH),
        (131, str(dpi[0])),
        (132, str(dpi[1])),
        (133, "0"),
        (134, str(finger_code(content.position))),
        (135, f"{_NO_QUALITY if content.quality is None else round(content.quality)}\x1f0\x1f0"),
        (136, str(len(content))),
    ]
    return [*fields, (137, "\x1e".join(rows))] if rows else fields


def _rows(content: MinutiaeContent, dpi: list[int]) -> list[str]:
    """Return index, x, y, angle, kind and quality of each minutia; 0 for a quality that is not known."""
    x = np.rint(content.x * (dpi[0] / content.resolution_dpi[0])).astype(np.int64)
    y = np.rint(content.y * (dpi[1] / content.resolution_dpi[1])).astype(np.int64)
    angle = np.rint(np.degrees(content.angle) / 2).astype(np.int64) % _ANGLES
    score = np.rint(100 * np.nan_to_num(content.confidence)).astype(np.int64)
    if len(content) and (min(x.min(), y.min()) < 0 or max(x.max(), y.max()) > _LARGEST):
        raise FieldInvalid("minutiae", f"A minutia lies outside of 0–{_LARGEST} px, which Type-9 cannot state.")
    columns = zip(x, y, angle, content.kind, score, strict=True)
    return ["\x1f".join(map(str, (index, *map(int, row)))) for index, row in enumerate(columns, start=1)]
