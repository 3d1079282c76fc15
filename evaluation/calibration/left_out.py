"""Fits on the others, measured on whom was left out: sensors, and people."""

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
"""Comparisons by the sensor's name; the people of each are numbered from 0 and nobody is at two sensors."""

LLRS = (1.0, 2.0, 3.0, 4.0)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Comparisons that are measured, and those that are fitted on.

    Args:
        name: of the sensor measured.
        rest: others.
        test: of people that are not among the others.
    """

    name: str
    rest: Sensors
    test: Scored


def each_sensor(sensors: Sensors) -> list[LeftOut]:
    """Each sensor; where there is one only, each half of its people."""
    if len(sensors) == 1:
        return list(each_half(sensors))
    return [
        LeftOut(name, {other: sensors[other] for other in sensors if other != name}, test)
        for name, test in sensors.items()
    ]


def each_half(sensors: Sensors) -> Iterator[LeftOut]:
    """Each half of the people of each sensor, with every other sensor among those fitted on."""
    for name, scored in sensors.items():
        people, number = np.unique(np.append(scored.first, scored.second), return_inverse=True)
        half_of = np.random.default_rng(1).permutation(people.size) % 2
        first, second = half_of[number].reshape(2, -1)
        for half in (0, 1):
            rest = scored.part((first != half) & (second != half))
            yield LeftOut(name, {**sensors, name: rest}, scored.part((first == half) & (second == half)))


def pooled(sensors: Sequence[Scored]) -> Scored:
    """All as one; people of different sensors are different people."""
    parts, seen = [], 0
    for each in sensors:
        parts.append(Scored(each.scores, each.mated, each.first + seen, each.second + seen, qualities(each)))
        seen += 1 + int(max(each.first.max(initial=-1), each.second.max(initial=-1)))
    return Scored(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Scored)))


def qualities(scored: Scored) -> Floats:
    """Of both samples, shape (k, 2); NaN where not known."""
    return np.full((scored.scores.size, 2), np.nan) if scored.qualities is None else scored.qualities


def people_count(scored: Scored) -> int:
    """How many are compared."""
    return int(np.unique(np.append(scored.first, scored.second)).size)


Measured = tuple[LeftOut, Calibration]


def measured(parts: Sequence[LeftOut], make: Callable[[Sensors], Calibration]) -> list[Measured]:
    """A calibration on the rest for each."""
    return [(each, make(each.rest)) for each in parts]


def check(name: str, found: Sequence[Measured]) -> SensorCheck:
    """What was claimed of a sensor, over all of its parts that were left out."""
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
    """Share of the non-mated comparisons that reach each of LLRS, times 10^LLR: what 1 may be."""
    others = _llrs(found, mated=False)
    return [float(np.mean(others >= llr) * 10.0**llr) for llr in LLRS]


def _llrs(found: Sequence[Measured], *, mated: bool) -> Floats:
    """Each comparison as its probe's quality makes it, each sample being the probe once."""
    parts = []
    for each, calibration in found:
        kept = each.test.part(each.test.mated == mated)
        parts += [calibration.llr(kept.scores, quality) for quality in qualities(kept).T]
    return np.concatenate(parts)
