"""Computes an iris image's quality, 0–100, with reasons, after ISO/IEC 29794-6.

Each measure (measures.py) is mapped to 0–1 by RAMPS. Among measures of one reason the lowest counts, and the value is
100 times the product over the reasons. Chosen on CASIA-Iris-Interval, unchanged and degraded, by the errors that remain
when the samples of lowest value are rejected (docs/measurements/quality.md).

| ISO/IEC 29794-6 | here |
|---|---|
| usable iris area | visible_fraction |
| iris-sclera, iris-pupil contrast | iris_sclera_contrast, iris_pupil_contrast: grey levels, not the standard's ratios |
| pupil boundary circularity | none: the pupil is modelled as a circle, in a straightened view if the eye looks aside |
| grey scale utilisation | none: contrast and texture show what a poor use of the grey scale costs |
| iris radius, pupil-iris ratio | iris_radius_px, pupil_ratio |
| iris-pupil concentricity | offset, measured from the limbus's centre |
| margin adequacy | margin |
| sharpness | texture (the standard's kernel, relative to the contrast) and edge |
| gaze angle | roundness of the iris's outline, not an angle |

uncertainty, tilt and upright are not in the standard. upright is evidence (looks/pose.py), natural logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from biometrics.quality import Quality, QualityReason, ramp

# measure, value at which the part is 0 (useless), value from which it is 1 (no loss), reason
RAMPS: tuple[tuple[str, float, float, QualityReason], ...] = (
    ("visible_fraction", 0.2, 1.0, QualityReason.OCCLUDED),
    ("uncertainty", 0.9, 0.1, QualityReason.LOW_CONTRAST),
    ("iris_pupil_contrast", 4.0, 30.0, QualityReason.LOW_CONTRAST),
    ("iris_sclera_contrast", -5.0, 5.0, QualityReason.LOW_CONTRAST),
    ("texture", 0.8, 1.4, QualityReason.BLURRED),
    ("edge", 0.04, 0.16, QualityReason.BLURRED),
    ("offset", 0.25, 0.05, QualityReason.OFF_POSE),
    ("roundness", 0.4, 0.85, QualityReason.OFF_POSE),
    ("tilt", 60.0, 15.0, QualityReason.OFF_POSE),
    ("upright", -0.4, 0.0, QualityReason.OFF_POSE),
    ("iris_radius_px", 30.0, 70.0, QualityReason.TOO_SMALL),
    ("margin", -1.5, -0.5, QualityReason.CROPPED),
    ("pupil_ratio", 0.12, 0.2, QualityReason.DILATED_OR_CONSTRICTED),
    ("pupil_ratio", 0.8, 0.65, QualityReason.DILATED_OR_CONSTRICTED),
)
NAMED_BELOW = 0.75  # parts below this become reasons


def assess(measures: Mapping[str, float], *, turned: bool = False) -> Quality:
    """Combine measures into a quality.

    Args:
        measures: of `measures.measure`, and "upright", see looks/pose.py.
        turned: whether the image was rotated upright before; no loss, and the last reason.
    """
    parts: dict[QualityReason, float] = {}
    for name, low, high, reason in RAMPS:
        parts[reason] = min(parts.get(reason, 1.0), ramp(measures[name], low, high))
    weak = sorted((part, reason) for reason, part in parts.items() if part < NAMED_BELOW)
    value = 100.0 * prod(parts.values())
    reasons = [reason for _, reason in weak] + [QualityReason.TURNED] * turned
    return Quality(value, tuple(reasons), {name: round(each, 4) for name, each in measures.items()})
