"""Leave-one-out checks of a calibration: fit without a sensor or half of its people, measure on what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from biometrics.calibration.curves import Floats
from biometrics.calibration.score_calibration import Calibration
from biometrics.calibration.sensor_check import CHECKED_RATES, SensorCheck
from evaluation.data.scores import Scored
from evaluation.metrics.cllr import cllr
from evaluation.metrics.verification import carries

Sensors = Mapping[str, Scored]
"""Comparisons by the sensor's name; the people of each are numbered from 0, and nobody is in two sensors' sets."""

LLRS = (1.0, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Comparisons to measure, and those to fit on.

    Args:
        name: name of the sensor measured.
        rest: comparisons to fit on.
        test: comparisons to measure, of people who are not in `rest`.
    """

    name: str
    rest: Sensors
    test: Scored


def each_sensor(sensors: Sensors) -> list[LeftOut]:
    """Leave out each sensor in turn; where there is only one, each half of its people."""
    if len(sensors) == 1:
        return list(each_half(sensors))
    return [
        LeftOut(name, {other: sensors[other] for other in sensors if other != name}, test)
        for name, test in sensors.items()
    ]


def each_half(sensors: Sensors) -> Iterator[LeftOut]:
    """Leave out each half of each sensor's people in turn; all other sensors stay in the fit."""
    for name, scored in sensors.items():
        people, number = np.unique(np.append(scored.first, scored.second), return_inverse=True)
        half_of = np.random.default_rng(1).permutation(people.size) % 2
        first, second = half_of[number].reshape(2, -1)
        for half in (0, 1):
            rest = scored.part((first != half) & (second != half))
            yield LeftOut(name, {**sensors, name: rest}, scored.part((first == half) & (second == half)))


def pooled(sensors: Sequence[Scored]) -> Scored:
    """Pool the comparisons of several sensors; people of different sensors are different people."""
    parts, seen = [], 0
    for each in sensors:
        parts.append(Scored(each.scores, each.mated, each.first + seen, each.second + seen, qualities(each)))
        seen += 1 + int(max(each.first.max(initial=-1), each.second.max(initial=-1)))
    return Scored(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Scored)))


def qualities(scored: Scored) -> Floats:
    """Qualities of probe and reference, shape (k, 2), NaN where unknown."""
    return np.full((scored.scores.size, 2), np.nan) if scored.qualities is None else scored.qualities


def people_count(scored: Scored) -> int:
    """Number of people in the comparisons."""
    return int(np.unique(np.append(scored.first, scored.second)).size)


Measured = tuple[LeftOut, Calibration]


def measured(parts: Sequence[LeftOut], make: Callable[[Sensors], Calibration]) -> list[Measured]:
    """Fit a calibration on the rest of each part, and pair it with the part's test comparisons."""
    return [(each, make(each.rest)) for each in parts]


def check(name: str, found: Sequence[Measured]) -> SensorCheck:
    """The check of one sensor, over all of its parts that were left out."""
    scores = [each.test.scores[~each.test.mated] for each, _ in found]
    claims = [calibration.fmr(own) for own, (_, calibration) in zip(scores, found, strict=True)]
    lowest = max(calibration.lowest_fmr for _, calibration in found)
    every = np.concatenate(claims)
    ratios = [
        float(np.mean(every <= rate) / rate) if lowest <= rate and carries(every.size, rate) else None
        for rate in CHECKED_RATES
    ]
    mated, others = (_llrs(found, mated=kind) for kind in (True, False))
    people = sum(people_count(each.test) for each, _ in found)
    return SensorCheck(name, people, mated.size // 2, every.size, tuple(ratios), cllr(mated, others))


def excess(found: Sequence[Measured]) -> list[float]:
    """Share of the non-mated comparisons that reach each of LLRS, over 10^−LLR: at most 1 if LLRs are calibrated.

    Example: 30 of 100,000 non-mated comparisons reach an LLR of 4: 3e-4 / 1e-4 = 3, three times too many.
    """
    others = _llrs(found, mated=False)
    return [float(np.mean(others >= llr) * 10.0**llr) for llr in LLRS]


def _llrs(found: Sequence[Measured], *, mated: bool) -> Floats:
    """LLRs with the probe's quality; each sample of a comparison is taken as the probe once."""
    parts = []
    for each, calibration in found:
        kept = each.test.part(each.test.mated == mated)
        parts += [calibration.llr(kept.scores, quality) for quality in qualities(kept).T]
    return np.concatenate(parts)
