"""Drawing on a fingerprint image."""

from __future__ import annotations

import numpy as np

from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.drawing.overlay import OUTLINE, draw


def test_minutiae_and_outline_are_drawn_on_a_copy(
    fingers: list[Image], extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """The drawing has the image's size, and colour near each minutia; the image is not changed."""
    image = fingers[0]
    before = image.pixels.copy()
    details = extractions[0].details
    drawing = draw(image, details)
    assert (image.rgb.shape, np.uint8) == (drawing.shape, drawing.dtype)
    assert before.tolist() == image.pixels.tolist()
    assert (drawing == OUTLINE).all(axis=2).sum() > 500
    coloured = drawing.max(axis=2) != drawing.min(axis=2)
    for x, y in zip(details.minutiae.x.astype(int), details.minutiae.y.astype(int), strict=True):
        assert coloured[max(y - 5, 0) : y + 6, max(x - 5, 0) : x + 6].any()
