"""κ: how much heavier the non-mated tail of an unseen sensor may be, measured by leaving out each known sensor.

1. For each sensor left out, κ is the least of log10(its rate) / log10(the rate expected from the others), over scores
   where the others expect at most 10^-1.5 and it has 30 hits. κ is 1 where the rate is as expected, below 1 where the
   tail is heavier.
2. An unseen sensor is one more draw from the population that the K known sensors were drawn from. Its κ is predicted
   by the one-sided 95 % limit of such a draw, mean − t · s · √(1 + 1/K), not by an estimate of the mean.
3. Few sensors determine s poorly, so it is moderated (Smyth, 2004): SPREAD, the standard deviation of κ over irises
   spoiled in eleven ways (studies/spoiled/spoiled_tails.py), counts as FREEDOM more sensors, and t has as many more
   degrees of freedom.
4. Where there is only one sensor, halves of its people take the place of sensors in step 1. Only SPREAD says how
   sensors differ then, so K is 1.

Example: three sensors have κ 0.8, 0.9 and 1.0, so mean 0.9 and s 0.1. Moderated, s is
√((10 · 0.13² + 2 · 0.1²) / 12) = 0.125, with 12 degrees of freedom; κ is 0.9 − 1.78 · 0.125 · √(1 + 1/3) = 0.64.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from evaluation.calibration.claims import NonMatedTail, non_mated, non_mated_by_sensor
from evaluation.calibration.left_out import Sensors, each_sensor
from evaluation.metrics.effective_count import CONFIDENCE, FEWEST_HITS, People

SPREAD, FREEDOM = 0.13, 10.0
HIGHEST_LOG10, SCORES = -1.5, 40
SMALLEST = 0.3


def heaviness(others: NonMatedTail, left_out: People) -> float | None:
    """κ of one sensor (step 1); None where it has too few hits.

    Args:
        others: the sensors that the expected rate is taken from.
        left_out: the non-mated comparisons of the sensor measured.
    """
    most = left_out.scores.size
    ranks = np.unique(np.geomspace(min(FEWEST_HITS, most), most, SCORES).astype(int))
    scores = left_out.at_ranks(ranks)
    expected = others.expected(scores)
    rare = expected <= HIGHEST_LOG10
    observed = np.log10(left_out.at_or_above(scores[rare]) / most)
    return float((observed / expected[rare]).min()) if rare.any() else None


def factors(sensors: Sensors) -> list[tuple[str, float]]:
    """Name and κ of each sensor, or of each half of the only one's people (step 1); those of too few hits left out."""
    parts = [
        (each, NonMatedTail(non_mated_by_sensor(each.rest)), People(non_mated(each.test)))
        for each in each_sensor(sensors)
    ]
    found = [(each.name, heaviness(others, left_out)) for each, others, left_out in parts]
    return [(name, factor) for name, factor in found if factor is not None]


def margin(sensors: Sensors) -> float:
    """κ of an unseen sensor (steps 1–4), 0.3 to 1."""
    return predicted([factor for _, factor in factors(sensors)], len(sensors))


def predicted(found: Sequence[float], sensors: int) -> float:
    """The limit for one more draw (steps 2–4), 0.3 to 1.

    Args:
        found: κ of each sensor left out.
        sensors: number of known sensors.
    """
    seen = min(sensors, len(found))
    variance = float(np.var(found, ddof=1)) if seen > 1 else 0.0
    freedom = FREEDOM + max(seen - 1, 0)
    spread = np.sqrt((FREEDOM * SPREAD**2 + max(seen - 1, 0) * variance) / freedom)
    mean = min(1.0, float(np.mean(found or [1.0])))
    limit = mean - stats.t.ppf(CONFIDENCE, freedom) * spread * np.sqrt(1.0 + 1.0 / max(seen, 1))
    return float(np.clip(limit, SMALLEST, 1.0))
