"""Minutiae → the bytes of a card.

1. Positions to the card's unit. The origin moves to the corner of the minutiae's bounding box. If they spread over
   more than the format reaches (25.5 mm), it moves to where most of them can be written, for x and y each, and the
   others go.
2. The most confident, as many as the card takes.
3. Sorted as the card asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.cards.card import DATA_OBJECTS, form_of
from formats.minutiae.cards.order import ANY, Order, sorting
from formats.minutiae.cards.templates import InformationTemplate
from formats.minutiae.cards.tlv import data_object
from formats.minutiae.points import MOST, write_points
from formats.minutiae.record import Points
from formats.minutiae.selection import most_confident, part
from formats.minutiae.units import TURN, angle_steps

RECOMMENDED_MOST = 60


@dataclass(frozen=True, slots=True)
class CardOptions:
    """What a card takes.

    Args:
        least: minutiae that it needs; the standard recommends 16 to enrol.
        most: minutiae that it takes, 1–255; the standard recommends at most 60.
        order: of the minutiae.
        is_wrapped: whether in a data object 5F2E.

    Raises:
        FieldInvalid: a limit out of range.
    """

    least: int = 1
    most: int = RECOMMENDED_MOST
    order: Order = ANY
    is_wrapped: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most <= MOST:
            raise FieldInvalid("most", f"limits of {self.least} to {self.most} minutiae are not within 1 to {MOST}.")

    @classmethod
    def of(cls, template: InformationTemplate) -> CardOptions:
        """What a card's biometric information template asks for."""
        most = template.most or RECOMMENDED_MOST
        return cls(min(template.least or 1, most), most, template.order)


DEFAULT = CardOptions()


def write_card(content: MinutiaeContent, card_format: RecordFormat, options: CardOptions = DEFAULT) -> bytes:
    """Write the minutiae of one finger.

    Raises:
        FieldInvalid: no card format, or fewer minutiae than the card needs.
    """
    form, steps = form_of(card_format), angle_steps(card_format)
    x, y = (each * (form.dpi / dpi) for each, dpi in zip((content.x, content.y), content.resolution_dpi, strict=True))
    if len(content):
        left, top = _origin(x, form.highest), _origin(y, form.highest)
        x, y = np.rint(x - left), np.rint(y - top)
        fits = (x >= 0) & (x <= form.highest) & (y >= 0) & (y <= form.highest)
        content = most_confident(part(replace(content, x=x, y=y), fits), options.most)
    if len(content) < options.least:
        raise FieldInvalid("minutiae", f"the card needs {options.least}, and {len(content)} can be written.")
    angle = np.rint(content.angle * (steps / TURN)).astype(np.int64) % steps
    points = Points(
        content.kind, content.x.astype(np.uint16), content.y.astype(np.uint16), angle.astype(np.uint8), None
    )
    data = write_points(points.select(sorting(points, options.order)), form.size)
    return data_object(DATA_OBJECTS[0], data) if options.is_wrapped else data


def _origin(values: NDArray[np.float64], reach: int) -> float:
    """The lowest value, or the one from which on most values are within reach."""
    rising = np.sort(values)
    within = np.searchsorted(rising, rising + reach, side="right") - np.arange(rising.size)
    return float(rising[np.argmax(within)])
