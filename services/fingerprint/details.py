"""What a person can be shown of a print."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.fingerprint.extraction.placement import Placement
from services.fingerprint.extraction.resolution import Resolution
from services.fingerprint.template.features import FingerFeatures, Minutiae


@dataclass(frozen=True, slots=True)
class FingerprintDetails:
    """What a person can be shown.

    Args:
        features: the content of the template, in px at 500 dpi, upright.
        minutiae: the same minutiae, in the same order, in px of the image that was sent.
        resolution: that the image was read at.
        turned_degrees: 0, or 180 where the print was upside down and has been turned before it was read.
        placement: of the print in the image.
    """

    features: FingerFeatures = field(repr=False)
    minutiae: Minutiae = field(repr=False)
    resolution: Resolution
    turned_degrees: int
    placement: Placement = field(repr=False)
