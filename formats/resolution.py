"""Dots per inch from what records state: per inch, per centimetre, per millimetre.

500 dots per inch are 196.85 per centimetre and 19.685 per millimetre, which records round to 197 and 19.69. A print
of 600 pixels read as 500.38 dpi is shifted by half a pixel, so what 500 or 1000 may be rounded to is taken as that.
"""

from __future__ import annotations

INCH_CM = 2.54
_ROUNDED = ((500.0, 196.0, 198.0), (1000.0, 393.0, 394.0))
"""dpi, and the dots per centimetre that stand for it."""


def per_cm(dots: float) -> float | None:
    """Return dots per inch; None for 0, which states nothing.

    >>> per_cm(197), per_cm(394), per_cm(0)
    (500.0, 1000.0, None)
    """
    if dots <= 0:
        return None
    for dpi, least, most in _ROUNDED:
        if least <= dots <= most:
            return dpi
    return dots * INCH_CM


def by_unit(unit: int, across: float, down: float) -> tuple[float, float] | None:
    """Return (horizontal, vertical) dots per inch of a unit code; None if the record states none.

    Args:
        unit: 1 per inch, 2 per centimetre (ISO/IEC 19794-4, ANSI/NIST-ITL); others state no resolution.
        across: horizontal dots per unit.
        down: vertical dots per unit; 0 if the same.
    """
    if unit == 2:
        pair = per_cm(across), per_cm(down or across)
    elif unit == 1:
        pair = across or None, down or across or None
    else:
        return None
    return None if pair[0] is None or pair[1] is None else (float(pair[0]), float(pair[1]))
