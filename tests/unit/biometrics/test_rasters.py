"""Pictures of one bit per pixel."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from biometrics.rasters import one_bit_png


@pytest.mark.parametrize("shape", [(1, 1), (3, 13), (64, 256)])
def test_a_decoder_reads_the_bits_back(shape: tuple[int, int]) -> None:
    """Of any width, also where the last byte of a row is not full."""
    bits = np.random.default_rng(1).random(shape) < 0.5
    image = Image.open(io.BytesIO(one_bit_png(bits)))
    assert ("PNG", "1") == (image.format, image.mode)
    assert bits.tolist() == np.asarray(image).tolist()
