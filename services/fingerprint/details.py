"""The findings of a fingerprint extraction to show to a person."""

from __future__ import annotations

from dataclasses import dataclass, field

from biometrics.resolution import Resolution
from services.fingerprint.extraction.placement import Placement
from services.fingerprint.template.features import FingerFeatures, Minutiae


@dataclass(frozen=True, slots=True)
class FingerprintDetails:
    """The findings of an extraction.

    Args:
        features: the content of the template, in px at 500 dpi, upright.
        minutiae: the same minutiae, in the same order, in px of the image sent.
        resolution: at which the image was read.
        turned_degrees: by which the print was rotated upright before reading, counter-clockwise: 0, 90, 180 or 270.
        placement: of the print in the image.
    """

    features: FingerFeatures = field(repr=False)
    minutiae: Minutiae = field(repr=False)
    resolution: Resolution
    turned_degrees: int
    placement: Placement = field(repr=False)
