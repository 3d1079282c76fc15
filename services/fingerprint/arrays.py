"""Names for the arrays and numbers that the kernels of this folder pass on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.int64]
Motion = tuple[float, float, float, float]
