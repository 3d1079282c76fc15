from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cli.demo.renditions import CROPPED_SHARE, SCALE, blurred, changed_copy, encoded, mirrored


@pytest.fixture
def original() -> bytes:
    """A grey image, 200×100 px, dark on the left and bright on the right."""
    return encoded(Image.fromarray(np.tile(np.linspace(0, 255, 200).astype(np.uint8), (100, 1))))


def pixels(data: bytes) -> np.ndarray:
    """Grey values."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")).astype(int)


@pytest.mark.parametrize(("resample", "scale"), [(True, SCALE), (False, 1.0)])
def test_a_changed_copy_is_cropped_and_scaled_only_where_it_may_be(
    *, original: bytes, resample: bool, scale: float
) -> None:
    """A fingerprint keeps its resolution."""
    height, width = pixels(changed_copy(original, resample=resample)).shape

    assert round(scale * 200 * (1 - 2 * CROPPED_SHARE)) == width
    assert round(scale * 100 * (1 - 2 * CROPPED_SHARE)) == height


def test_a_mirrored_copy_is_dark_on_the_other_side(original: bytes) -> None:
    """Mirroring swaps left and right."""
    assert pixels(mirrored(original))[:, 0].mean() > 245
    assert pixels(mirrored(original))[:, -1].mean() < 10


def test_a_blurred_copy_has_less_detail() -> None:
    """Blurring lowers the variance of noise."""
    noise = encoded(Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64), np.uint8)))

    assert pixels(blurred(noise, 4.0)).std() < 0.3 * pixels(noise).std()
