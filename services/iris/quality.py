"""Quality of an iris image, 0–100, after the measures of ISO/IEC 29794-6."""

from __future__ import annotations

from biometrics.quality import Quality, QualityReason, ramp
from services.iris.circles import Circle

# measure: value that makes the image useless, value from which it costs nothing, reason
RAMPS: dict[str, tuple[float, float, QualityReason]] = {
    "visible_fraction": (0.2, 0.85, QualityReason.OCCLUDED),
    "iris_pupil_contrast": (8.0, 40.0, QualityReason.LOW_CONTRAST),
    "iris_sclera_contrast": (1.0, 10.0, QualityReason.LOW_CONTRAST),
    "sharpness": (0.04, 0.16, QualityReason.BLURRED),
    "iris_radius_px": (30.0, 80.0, QualityReason.TOO_SMALL),
    "margin": (-0.8, -0.2, QualityReason.CROPPED),
    "constriction": (0.15, 0.22, QualityReason.DILATED_OR_CONSTRICTED),
    "dilation": (0.75, 0.65, QualityReason.DILATED_OR_CONSTRICTED),
}
NAMED_BELOW = 0.75  # a ramp lower than this is named as a reason


def assess(
    pupil: Circle,
    limbus: Circle,
    size: tuple[int, int],
    *,
    visible_fraction: float,
    iris_pupil_contrast: float,
    iris_sclera_contrast: float,
    sharpness: float,
) -> Quality:
    """Combine the measures: each is mapped to 0–1, and the value is 100 times their product.

    Args:
        pupil: px of the original image.
        limbus: px of the original image.
        size: width and height of the original image, px.
        visible_fraction: share of the iris ring that is not hidden, 0–1.
        iris_pupil_contrast: grey levels.
        iris_sclera_contrast: grey levels.
        sharpness: steepness of the pupil's edge, per px at the working size.
    """
    ratio = pupil.radius / limbus.radius
    measures = {
        "visible_fraction": visible_fraction,
        "iris_pupil_contrast": iris_pupil_contrast,
        "iris_sclera_contrast": iris_sclera_contrast,
        "sharpness": sharpness,
        "iris_radius_px": limbus.radius,
        "margin": _margin(limbus, size),
        "pupil_ratio": ratio,
    }
    ramped = measures | {"constriction": ratio, "dilation": ratio}
    factors = {name: ramp(ramped[name], low, high) for name, (low, high, _) in RAMPS.items()}
    value = 100.0
    for factor in factors.values():
        value *= factor
    worst_first = sorted((factor, name) for name, factor in factors.items() if factor < NAMED_BELOW)
    reasons = tuple(dict.fromkeys(RAMPS[name][2] for _, name in worst_first))
    return Quality(value, reasons, {name: round(measure, 4) for name, measure in measures.items()})


def _margin(limbus: Circle, size: tuple[int, int]) -> float:
    """Return the distance of the limbus to the nearest side of the frame, in iris radii; negative outside it."""
    right, bottom = size[0] - 1 - limbus.x, size[1] - 1 - limbus.y
    return min(limbus.x, right, limbus.y, bottom) / limbus.radius - 1
