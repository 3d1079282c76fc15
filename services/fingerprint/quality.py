"""How useful a fingerprint sample is, in the spirit of ISO/IEC 29794-4.

Four measurements, each mapped to 0–1; the value is 100 times their geometric mean, so one bad
measurement is not made up for by the others. A mapping under 0.6 becomes a reason.

| measure | unit | 0 at | 1 at | reason |
|---|---|---|---|---|
| area | mm² of finger | 20 | 150 | SMALL_AREA |
| minutiae | Σ confidence of the minutiae | 3 | 25 | FEW_FEATURES |
| contrast | median standard deviation of the ridges, grey levels | 4 | 20 | LOW_CONTRAST |
| clarity | mean ridge clarity of the finger's cells | 0.15 | 0.5 | BLURRED |
"""

from __future__ import annotations

from math import prod

import numpy as np

from biometrics.quality import Quality, QualityReason, ramp
from services.fingerprint.features import CELL_PX, RESOLUTION_DPI, Minutiae
from services.fingerprint.segmentation import FingerArea

CELL_MM2 = (CELL_PX / RESOLUTION_DPI * 25.4) ** 2
RANGES = {
    "area_mm2": (20.0, 150.0, QualityReason.SMALL_AREA),
    "minutiae_confidence_sum": (3.0, 25.0, QualityReason.FEW_FEATURES),
    "contrast": (4.0, 20.0, QualityReason.LOW_CONTRAST),
    "clarity": (0.15, 0.5, QualityReason.BLURRED),
}
REASON_BELOW = 0.6


def assess(area: FingerArea, minutiae: Minutiae) -> Quality:
    """Quality of a sample, with the raw measurements."""
    measures = _measure(area, minutiae)
    parts = {name: ramp(measures[name], low, high) for name, (low, high, _) in RANGES.items()}
    weak = sorted((value, name) for name, value in parts.items() if value < REASON_BELOW)
    return Quality(
        value=100.0 * prod(parts.values()) ** (1 / len(parts)),
        reasons=tuple(RANGES[name][2] for _, name in weak),
        measures=measures,
    )


def _measure(area: FingerArea, minutiae: Minutiae) -> dict[str, float]:
    if not area.mask.any():
        return dict.fromkeys(RANGES, 0.0)
    return {
        "area_mm2": float(area.mask.sum() * CELL_MM2),
        "minutiae_confidence_sum": float(minutiae.confidence.sum()),
        "contrast": float(np.median(area.contrast[area.mask])),
        "clarity": float(area.clarity[area.mask].mean()),
    }
