"""Sample quality: a value from 0 to 100 for usefulness in recognition, with its reasons (ISO/IEC 29794-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite


class QualityReason(StrEnum):
    """What lowers a sample's quality or casts doubt on it, in terms that a capture operator can act on."""

    TOO_SMALL = "TOO_SMALL"
    BLURRED = "BLURRED"
    UNDEREXPOSED = "UNDEREXPOSED"
    OVEREXPOSED = "OVEREXPOSED"
    LOW_CONTRAST = "LOW_CONTRAST"
    OFF_POSE = "OFF_POSE"
    CROPPED = "CROPPED"
    OCCLUDED = "OCCLUDED"
    FEW_FEATURES = "FEW_FEATURES"
    SMALL_AREA = "SMALL_AREA"
    DILATED_OR_CONSTRICTED = "DILATED_OR_CONSTRICTED"
    TOO_WET = "TOO_WET"
    TOO_DRY = "TOO_DRY"
    RESOLUTION_IMPLAUSIBLE = "RESOLUTION_IMPLAUSIBLE"
    SEVERAL_FACES = "SEVERAL_FACES"
    TURNED = "TURNED"


@dataclass(frozen=True, slots=True)
class Quality:
    """A quality value with its reasons and the measurements behind it.

    Args:
        value: 0 (useless) to 100 (nothing left that would help the model).
        reasons: what lowers the value, worst first; empty when nothing does.
        measures: named raw measurements, e.g. `{"sharpness": 11.3}`.

    Raises:
        ValueError: the value is outside 0–100 or not finite (a programming error).
    """

    value: float
    reasons: tuple[QualityReason, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (isfinite(self.value) and 0.0 <= self.value <= 100.0):
            raise ValueError(f"quality {self.value} is outside 0–100")


def ramp(value: float, low: float, high: float) -> float:
    """Map value linearly to 0–1: 0 at `low`, 1 at `high`, clipped. `low` may exceed `high`."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
