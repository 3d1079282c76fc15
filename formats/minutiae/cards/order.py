"""The order of minutiae that a card asks for (ISO/IEC 19794-2, table 8).

| bits | meaning |
|---|---|
| 1–2 | 0 any order, 1 rising, 2 falling |
| 3–5 | 1 by x then y, 2 by y then x, 3 by angle, 4 by distance from the minutiae's centre of mass |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import RecordUnsupported
from formats.minutiae.record import Points

_DIRECTION, _RISING, _FALLING = 0x03, 1, 2


class SortBy(IntEnum):
    """What minutiae are sorted by; the number is that of the standard."""

    ANY = 0
    X_Y = 1
    Y_X = 2
    ANGLE = 3
    POLAR = 4


@dataclass(frozen=True, slots=True)
class Order:
    """An order of minutiae.

    Args:
        by: first key; equal minutiae are sorted by the remaining ones of x, y and angle.
        falling: from high to low.
    """

    by: SortBy = SortBy.ANY
    falling: bool = False


ANY = Order()


def order_of(code: int) -> Order:
    """The order of a code.

    Raises:
        RecordUnsupported: none of those above.
    """
    direction, by = code & _DIRECTION, code >> 2
    if direction == 0 and by == 0:
        return ANY
    if direction not in (_RISING, _FALLING) or by not in set(SortBy) - {SortBy.ANY}:
        raise RecordUnsupported(f"The card asks for minutiae in order {code:#04x}, which is not known.")
    return Order(SortBy(by), direction == _FALLING)


def sorting(points: Points, order: Order) -> NDArray[np.intp]:
    """The numbers of the minutiae in the order asked for; sorted by what is written, so that a reader finds it so."""
    x, y, angle = (each.astype(np.float64) for each in (points.x, points.y, points.angle))
    distance = np.hypot(x - x.mean(), y - y.mean())
    keys = {
        SortBy.ANY: (np.zeros(len(x)),),
        SortBy.X_Y: (angle, y, x),
        SortBy.Y_X: (angle, x, y),
        SortBy.ANGLE: (y, x, angle),
        SortBy.POLAR: (angle, distance),
    }[order.by]
    return np.lexsort([-key if order.falling else key for key in keys])
