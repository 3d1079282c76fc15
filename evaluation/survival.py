"""The false match rate at each score: the impostors' survival curve.

Its last rates hang on single impostors. An exponential tail instead, fitted to the highest 30, 100 or 300 of
them, was no nearer to the rates of other people in halves by subject: docs/decisions/0017.
"""

from __future__ import annotations

import numpy as np

from biometrics.curves import Floats

KNOTS = 64


def survival_knots(non_mated: Floats, knots: int = KNOTS) -> tuple[Floats, Floats]:
    """Scores and log10 FMR of the impostor survival curve at log-spaced rates from 1 to 3/n.

    Args:
        non_mated: impostor scores, finite, at least one.
        knots: at most so many.

    Returns:
        Scores strictly ascending; log10 of the share of scores at or above each, at least log10(3/n).
    """
    rising = np.sort(non_mated)
    count = rising.size
    lowest = min(3, count)
    wanted = np.unique(np.geomspace(lowest, count, knots).round().astype(np.int64))
    at = np.unique(rising[count - wanted])
    at_or_above = count - np.searchsorted(rising, at)
    return at, np.log10(np.maximum(at_or_above, lowest)) - np.log10(count)
