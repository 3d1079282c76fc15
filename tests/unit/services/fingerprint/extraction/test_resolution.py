"""Resolutions inside and outside the supported range."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.resolution import Resolution, ResolutionSource
from infra.images.decode import Image
from services.fingerprint.extraction.resolution import ASSUMED, scale_to_500_dpi, told_resolution

GRAY = np.tile(np.arange(200, dtype=np.uint8), (300, 1))


@pytest.mark.parametrize("dpi", [None, 1.0, 72.0, 96.0, 247.0, 1011.0, 1200.0, float("nan"), float("inf")])
def test_implausible_resolutions_are_ignored(dpi: float | None) -> None:
    """Without a usable resolution in both directions 500 dpi are assumed."""
    assert ASSUMED == told_resolution(Image(GRAY, dpi))
    assert ASSUMED == told_resolution(Image(GRAY, 500.0, dpi or 72.0))


def test_a_resolution_comes_from_the_file_or_the_caller() -> None:
    """The file's may differ horizontally and vertically; the caller's applies to both and takes precedence."""
    filed = Image(GRAY, 500.0, 1000.0)
    assert Resolution(500.0, 1000.0, ResolutionSource.FILE) == told_resolution(filed)
    assert Resolution(569.0, 569.0, ResolutionSource.STATED) == told_resolution(filed.stated(569.0))
    assert filed == filed.stated(None)


@pytest.mark.parametrize(
    ("dpi", "meant"),
    [
        (394 * 2.54, 1000.0),
        (98 * 2.54, 250.0),
        (39400 * 0.0254, 1000.0),
        (197 * 2.54, 500.0),
        (19685 * 0.0254, 500.0),
        (568.995, 569.0),
        (568.9, 568.9),
        (508.0, 508.0),
        (1008.0, 1008.0),
    ],
)
def test_rounded_resolutions_are_corrected(dpi: float, meant: float) -> None:
    """Whole dots per cm or m are read as the multiple of 50 dpi, or the integer, that they stand for."""
    assert Resolution(meant, meant, ResolutionSource.FILE) == told_resolution(Image(GRAY, dpi))


@pytest.mark.parametrize(
    ("dpi", "shape"),
    [
        ((500, 500), (300, 200)),
        ((1000, 1000), (150, 100)),
        ((250, 250), (600, 400)),
        ((569, 569), (264, 176)),
        ((500, 1000), (150, 200)),
        ((250, 500), (300, 400)),
    ],
)
def test_images_are_scaled_to_500_dpi(dpi: tuple[float, float], shape: tuple[int, int]) -> None:
    """Each side is multiplied by 500 over its resolution; the mean grey level is kept."""
    scaled = scale_to_500_dpi(GRAY, Resolution(*dpi, ResolutionSource.FILE))
    assert shape == scaled.shape
    assert np.uint8 == scaled.dtype
    assert abs(GRAY.mean() - scaled.mean()) < 1
