"""How much heavier the non-mated tail of another sensor is to be taken, from sensors that were each left out.

1. For each sensor left out, κ is the least of log10(its rate) / log10(the rate expected from the others), over scores
   where the others expect at most 10^-1.5 and it has 30 hits: 1 as expected, below 1 a heavier tail.
2. An unseen sensor is a draw from those of which K were seen, so its κ is predicted, not their mean estimated: the
   one-sided 95 % limit of one more draw, mean − t · s · √(1 + 1/K).
3. Few sensors do not tell s. It is moderated (Smyth, 2004): SPREAD, the standard deviation of κ of irises spoiled in
   eleven ways (spoiled_tails.py), stands for FREEDOM more of them, and t has as many degrees of freedom more.
4. Where there is one sensor only, halves of its people take the place of sensors in 1; of other sensors SPREAD alone
   tells, so K is 1.
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
    """κ as step 1 says; None where the sensor has too few hits.

    Args:
        others: the sensors that are there.
        left_out: the non-mated comparisons of the other one.
    """
    most = left_out.scores.size
    ranks = np.unique(np.geomspace(min(FEWEST_HITS, most), most, SCORES).astype(int))
    scores = left_out.at_ranks(ranks)
    expected = others.expected(scores)
    rare = expected <= HIGHEST_LOG10
    observed = np.log10(left_out.at_or_above(scores[rare]) / most)
    return float((observed / expected[rare]).min()) if rare.any() else None


def factors(sensors: Sensors) -> list[tuple[str, float]]:
    """κ of each sensor, or half of the people of the only one, as step 1 says; without those of too few hits."""
    parts = [
        (each, NonMatedTail(non_mated_by_sensor(each.rest)), People(non_mated(each.test)))
        for each in each_sensor(sensors)
    ]
    found = [(each.name, heaviness(others, left_out)) for each, others, left_out in parts]
    return [(name, factor) for name, factor in found if factor is not None]


def margin(sensors: Sensors) -> float:
    """κ of a sensor that is not there, as steps 1–4 say, 0.3 to 1."""
    return predicted([factor for _, factor in factors(sensors)], len(sensors))


def predicted(found: Sequence[float], sensors: int) -> float:
    """The limit of one more draw, as steps 2–4 say."""
    seen = min(sensors, len(found))
    variance = float(np.var(found, ddof=1)) if seen > 1 else 0.0
    freedom = FREEDOM + max(seen - 1, 0)
    spread = np.sqrt((FREEDOM * SPREAD**2 + max(seen - 1, 0) * variance) / freedom)
    mean = min(1.0, float(np.mean(found or [1.0])))
    limit = mean - stats.t.ppf(CONFIDENCE, freedom) * spread * np.sqrt(1.0 + 1.0 / max(seen, 1))
    return float(np.clip(limit, SMALLEST, 1.0))
