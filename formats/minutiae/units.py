"""Units of angles, resolutions and qualities in minutiae records."""

from __future__ import annotations

from math import pi

from formats.contents import RecordFormat

TURN = 2.0 * pi
CM_PER_INCH = 2.54
STANDARD_DPI = 500.0
STANDARD_PER_CM = 197
"""500 dpi, rounded to whole pixels per cm; 196 to 198 are read as exactly 500 dpi."""
NAMED_QUALITY = 100
"""Highest quality that is a score; higher numbers are codes."""
NOT_COMPUTED = 254
"""The code for an unknown quality since 2009."""

_STEPS = {
    RecordFormat.ANSI_378_2004: 180,
    RecordFormat.ANSI_378_2009: 180,
    RecordFormat.ISO_19794_2_2005: 256,
    RecordFormat.ISO_19794_2_2011: 256,
    RecordFormat.NORMAL_CARD: 256,
    RecordFormat.COMPACT_CARD: 64,
}


def angle_steps(record_format: RecordFormat) -> int:
    """Number of angles in a turn: 180 (2°), 256 or 64."""
    return _STEPS[record_format]


def dpi(per_cm: int) -> float:
    """Dots per inch of a resolution in pixels per cm."""
    return STANDARD_DPI if abs(per_cm - STANDARD_PER_CM) <= 1 else per_cm * CM_PER_INCH


def per_cm(resolution_dpi: float) -> int:
    """Pixels per cm, rounded, of a resolution in dots per inch."""
    return round(resolution_dpi / CM_PER_INCH)
