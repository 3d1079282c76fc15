"""Windows of an image, and the image of windows."""

from __future__ import annotations

import numpy as np
import pytest

from services.fingerprint.extraction.windows import image_of, spectra_of
from tests.unit.services.fingerprint.areas import rings


@pytest.mark.parametrize(("shape", "side"), [((96, 96), 32), ((171, 203), 32), ((171, 203), 64)])
def test_unchanged_windows_give_the_image(shape: tuple[int, int], side: int) -> None:
    """But for the windows' means, which are left out: of waves shorter than a window they are next to nothing."""
    waves = (rings(*shape) - 128).astype(np.float32)
    found = image_of(spectra_of(waves, side), shape)
    assert shape == found.shape
    assert 5 > np.abs(found - waves)[side // 2 : -side // 2, side // 2 : -side // 2].mean()
