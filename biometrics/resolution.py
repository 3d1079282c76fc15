"""The resolution at which an image was read, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import sqrt


class ResolutionSource(StrEnum):
    """Source of the resolution at which an image is read; the first that states one counts."""

    STATED = "STATED"  # by the caller
    RECORD = "RECORD"  # by the header of the record around the image
    FILE = "FILE"
    ESTIMATED = "ESTIMATED"  # from the width of the ridges
    ASSUMED = "ASSUMED"  # 500 dpi, in the absence of other information


@dataclass(frozen=True, slots=True)
class Resolution:
    """Horizontal and vertical dots per inch, and their source."""

    horizontal_dpi: float
    vertical_dpi: float
    source: ResolutionSource

    @property
    def mean_dpi(self) -> float:
        """Geometric mean of both."""
        return sqrt(self.horizontal_dpi * self.vertical_dpi)
