"""Pictures for the decoders of records' images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

SHARED = Path(__file__).parents[5] / "shared"


@pytest.fixture(scope="session")
def wsq_vectors() -> list[Path]:
    """NIST's WSQ reference files, each beside its pixels (.raw); the test is skipped without them."""
    found = sorted((SHARED / "vectors" / "wsq").glob("*.wsq"))
    if not found:
        pytest.skip("../shared/vectors is not there")
    return found


@pytest.fixture(scope="session")
def ridges() -> NDArray[np.uint8]:
    """Smooth ridges, 150×190 px."""
    y, x = np.mgrid[:150, :190]
    waves = np.sin(0.7 * np.hypot(x - 90, y - 200)) * (0.5 + x / 400) + 0.3 * np.cos(y / 9)
    return np.clip(128 + 80 * waves, 0, 255).astype(np.uint8)
