"""Computes a face sample's quality, 0–100, with reasons an operator can act on, in the manner of ISO/IEC 29794-5.

As in the standard, the unified score and the components are separate:

- The value is the length of SFace's embedding before it is scaled to 1, mapped to 0–100. The length falls with
  everything that hides a face from the network. On LFW View 1, unchanged and spoiled, it predicted which comparisons
  fail better than any component, any product of them, or the embedding's change under mirroring, shift, rotation or
  blur (docs/measurements/quality.md).
- The reasons are the components (RAMPS) under one half, worst first. They do not lower the value: multiplied into it
  they made it worse. SEVERAL_FACES says nothing against the described face; it is a doubt whether that is the
  intended one, which enrolment refuses (`fusion/samples/quality_gate.py`).

| ISO/IEC 29794-5 component | measure |
|---|---|
| unified quality score | embedding_norm |
| inter-eye distance | inter_eye_px |
| sharpness, no motion blur | sharpness |
| under-exposure, over-exposure | brightness, burnt_share |
| dynamic range | contrast |
| head pose | turn_degrees, roll_degrees |
| crop of the face image | inside_share |
| single face present | second_face_share: area of the largest other face over this one's |
| eyes visible, mouth and face occlusion | eyes_hidden, mouth_hidden, lower_tint: hints, no segmentation |
| background, expression, illumination uniformity, headwear, camera distance | none |
"""

from __future__ import annotations

from collections.abc import Mapping

from biometrics.quality import Quality, QualityReason, ramp
from services.face.detection.choice import COMPARABLE_FROM

NORM_OF_0, NORM_OF_100 = 6.0, 14.0  # LFW View 1: 9.0–15.8, median 12.4
NAMED_BELOW = 0.5

# measure, value at which the part is 0 (useless), value from which it is 1 (no loss), reason
RAMPS: tuple[tuple[str, float, float, QualityReason], ...] = (
    ("embedding_norm", NORM_OF_0, NORM_OF_100, QualityReason.FEW_FEATURES),
    ("inter_eye_px", 4.0, 32.0, QualityReason.TOO_SMALL),
    ("sharpness", 0.02, 0.1, QualityReason.BLURRED),
    ("brightness", 10.0, 90.0, QualityReason.UNDEREXPOSED),
    ("burnt_share", 0.4, 0.0, QualityReason.OVEREXPOSED),
    ("contrast", 10.0, 80.0, QualityReason.LOW_CONTRAST),
    ("turn_degrees", 70.0, 30.0, QualityReason.OFF_POSE),
    ("roll_degrees", 30.0, 10.0, QualityReason.OFF_POSE),
    ("inside_share", 0.8, 1.0, QualityReason.CROPPED),
    ("eyes_hidden", 0.7, 0.0, QualityReason.OCCLUDED),
    ("mouth_hidden", 0.9, 0.0, QualityReason.OCCLUDED),
    ("lower_tint", 45.0, 15.0, QualityReason.OCCLUDED),
    ("second_face_share", COMPARABLE_FROM / NAMED_BELOW, 0.0, QualityReason.SEVERAL_FACES),
)


def assess(measures: Mapping[str, float]) -> Quality:
    """Combine the measures of `measures.measure` and `choice.second_share`."""
    parts: dict[QualityReason, float] = {}
    for name, low, high, reason in RAMPS:
        parts[reason] = min(parts.get(reason, 1.0), ramp(measures[name], low, high))
    weak = sorted((part, reason) for reason, part in parts.items() if part < NAMED_BELOW)
    value = 100.0 * ramp(measures["embedding_norm"], NORM_OF_0, NORM_OF_100)
    return Quality(
        value, tuple(reason for _, reason in weak), {name: round(each, 4) for name, each in measures.items()}
    )
