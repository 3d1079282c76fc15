"""Computes the evidence of a Hamming distance (HD) at a rotation, log10 of a likelihood ratio.

Between two captures the eye is rotated by an unknown number of columns, usually a few. For a rotation of s columns:

1. z = (0.5 − HD)·√n / 3.1 for n compared bits. For different irises z has about mean 0 and standard deviation 1 at one
   rotation, whatever n is: neighbouring bits are correlated, so n bits are worth n / 38 independent coin tosses
   (Daugman 2003; `python -m studies.searching.iris_distances` prints the distribution).
2. For one iris HD is modelled as normal with mean 0.2 and standard deviation 0.1, more than good captures have, so that
   poor ones are not ruled out. So z is normal with mean m = 0.3·√n / 3.1 and variance v = 1 + (0.1·√n / 3.1)².
3. The evidence is log10 of the ratio of the two densities at z (negative z counts as 0), plus log10 of the frequency of
   head rotations by s relative to none: (e^(−|s| / 3) + 0.01) / 1.01.

Where the sectors of the iris are moved against each other (moved_sectors.py), z is lessened by what that raises it by
for different irises.

Example: 8,000 bits with HD 0.25 at s = 0 give z = 7.2 against m = 8.7 and v = 9.3, and an evidence of 10.8.
Without compared bits both densities are equal, and the evidence at no rotation is 0: neither for nor against.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

COARSE_STEP, COARSE_STEPS = 3, 7
REACH = COARSE_STEP * COARSE_STEPS + 1
"""Columns of 1.4° to each side that are compared: 31°."""

SPREAD = 3.1  # standard deviation of (0.5 − HD)·√n for different irises at one rotation
SAME_MEAN, SAME_SPREAD = 0.2, 0.1  # HD of one iris: mean, standard deviation
TURN_COLUMNS, TURN_FLOOR = 3.0, 0.01

_TURNS = np.arange(-REACH, REACH + 1)
LOG_TURN: NDArray[np.float64] = np.log((np.exp(-np.abs(_TURNS) / TURN_COLUMNS) + TURN_FLOOR) / (1 + TURN_FLOOR))
"""Natural logarithm of the frequency of head rotations by −22 … 22 columns, relative to none; float64 (45,)."""


@kernel
def evidence(differing: int, compared: int, turn: int, drift: float) -> float:  # pragma: no cover  # compiled
    """The evidence, log10, of `differing` among `compared` bits at a rotation of −22 to 22 columns; z less `drift`."""
    root = np.sqrt(compared) / SPREAD
    z = max(0.0, root * (0.5 - differing / max(compared, 1)) - drift)
    variance = 1 + (root * SAME_SPREAD) ** 2
    off = z - root * (0.5 - SAME_MEAN)
    ratio = z * z / 2 - off * off / (2 * variance) - np.log(variance) / 2
    return float((ratio + LOG_TURN[turn + REACH]) / np.log(10.0))
