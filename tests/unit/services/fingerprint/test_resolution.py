"""Resolution in and out of range."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.resolution import scale_to_500_dpi, usable_resolution


@pytest.mark.parametrize(("stated", "used"), [(None, 500), (72, 500), (96, 500), (1200, 500), (569, 569), (250, 250)])
def test_metadata_out_of_range_mean_nothing(stated: float | None, used: float) -> None:
    """Without a usable resolution 500 dpi are assumed."""
    assert used == usable_resolution(stated)


@pytest.mark.parametrize(
    ("dpi", "shape"), [(500, (300, 200)), (1000, (150, 100)), (250, (600, 400)), (569, (264, 176))]
)
def test_images_are_scaled_to_500_dpi(dpi: float, shape: tuple[int, int]) -> None:
    """Sides are multiplied by 500 over the resolution; mean grey stays."""
    gray = np.tile(np.arange(200, dtype=np.uint8), (300, 1))
    scaled = scale_to_500_dpi(gray, dpi)
    assert shape == scaled.shape
    assert np.uint8 == scaled.dtype
    assert abs(gray.mean() - scaled.mean()) < 1
