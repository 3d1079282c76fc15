"""A finger minutiae record as it is written, field by field, in the units of its standard."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from formats.contents import RecordFormat
from formats.minutiae.extended.kinds import Extended


@dataclass(frozen=True, slots=True)
class Points:
    """Minutiae as written; five arrays of one length.

    Args:
        kind: uint8: 0 other, 1 ridge ending, 2 bifurcation.
        x: uint16, units from the left: pixels of the view's resolution, or what the card format says.
        y: uint16, units from the top.
        angle: uint8, in the unit of the format: 2° (ANSI), 1/256 turn (ISO), 1/64 turn (compact card).
        quality: uint8, as written; None if the format has none.
    """

    kind: NDArray[np.uint8] = field(repr=False)
    x: NDArray[np.uint16] = field(repr=False)
    y: NDArray[np.uint16] = field(repr=False)
    angle: NDArray[np.uint8] = field(repr=False)
    quality: NDArray[np.uint8] | None = field(repr=False)

    def __len__(self) -> int:
        return len(self.x)

    def select(self, index: NDArray[np.intp]) -> Points:
        """The minutiae of these numbers, in their order."""
        quality = None if self.quality is None else self.quality[index]
        return Points(self.kind[index], self.x[index], self.y[index], self.angle[index], quality)


@dataclass(frozen=True, slots=True)
class ViewQuality:
    """A view's quality: 0–100, or a code of the standard; and the algorithm's vendor and number, 0 if not stated."""

    score: int
    vendor: int = 0
    algorithm: int = 0


@dataclass(frozen=True, slots=True)
class Sensor:
    """What captured a view.

    Args:
        number: type number that the vendor gave.
        certification: flags as written.
        vendor: IBIA number; 0 if not stated.
        technology: code of ISO/IEC 19794-2:2011; 0 unknown.
    """

    number: int
    certification: int = 0
    vendor: int = 0
    technology: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """One impression of one finger.

    Args:
        position: code: 0 unknown, 1–5 right thumb to little finger, 6–10 left.
        number: of this view among those of the same finger, from 0.
        impression: code of the standard.
        qualities: as written; one, but none or several in ISO/IEC 19794-2:2011.
        size: width and height, pixels; 0 where not stated.
        resolution: horizontal and vertical, pixels per cm.
        points: the minutiae.
        extended: what follows them.
        sensor: what captured it.
        captured: year, month, day, hour, minute, second, millisecond (2011 only); None if not written.
        certificates: authority and scheme of each certificate (2011 only).
        ending: code of what a ridge ending is (2011 only); 0 as the older standards.
    """

    position: int
    number: int
    impression: int
    qualities: tuple[ViewQuality, ...]
    size: tuple[int, int]
    resolution: tuple[int, int]
    points: Points
    extended: Extended
    sensor: Sensor
    captured: tuple[int, ...] | None = None
    certificates: tuple[tuple[int, int], ...] = ()
    ending: int = 0


@dataclass(frozen=True, slots=True)
class MinutiaeRecord:
    """A whole record.

    Args:
        format: which standard it follows.
        version: three characters, e.g. "030".
        views: in the order of the record.
        owner: IBIA number of who defined the product (ANSI only).
        product: its number (ANSI only).
    """

    format: RecordFormat
    version: str
    views: tuple[View, ...]
    owner: int = 0
    product: int = 0
