"""Small images for tests."""

from __future__ import annotations

import numpy as np

GRADIENT = np.add.outer(np.arange(48), np.arange(64) * 2).astype(np.uint8)
COLOUR = np.stack([GRADIENT, GRADIENT[::-1], np.full_like(GRADIENT, 90)], axis=2)
