"""Resolution in and out of range."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from services.fingerprint.resolution import check_resolution, scale_to_500_dpi, usable_resolution


@pytest.mark.parametrize("stated", [0.0, 72.0, 249.9, 1000.1, float("nan"), float("inf"), -500.0])
def test_a_stated_resolution_out_of_range_is_an_error(stated: float) -> None:
    """The error names the field; nothing is assumed for the caller."""
    with pytest.raises(FieldInvalid, match="250–1000") as caught:
        check_resolution(stated, "image.resolution_dpi")
    assert caught.value.field == "image.resolution_dpi"


@pytest.mark.parametrize("stated", [250.0, 500.0, 569.0, 1000.0])
def test_a_stated_resolution_in_range_is_returned(stated: float) -> None:
    """250 and 1000 dpi belong to the range."""
    assert stated == check_resolution(stated)


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
