"""Simulated people whose samples are compared with their own references: LLRs drawn from the measured curves.

A person's samples of a modality are of one sensor, chosen at random. The LLRs of two positions are correlated by a
Gaussian copula: a person whose one finger is poor often has other poor fingers. Modalities are drawn independently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from biometrics.calibration.curves import Floats
from biometrics.template import Modality
from studies.capacity.answers.curves import PROBABILITIES, Curves, SensorCurve

Parts = Mapping[Modality, Floats]
"""LLRs of each position by modality, shape (people, positions)."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one request.

    Args:
        name: for tables.
        counts: number of positions by modality, above 0.
        sensors: names of the sets that people are drawn from; empty: all but `UNUSUAL`.
    """

    name: str
    counts: Mapping[Modality, int]
    sensors: tuple[str, ...] = ()


UNUSUAL = ("fvc2006-db1a",)
"""Sets of sensors that are not used to enrol many people: 96 × 96 px at 250 dpi."""

FACE, FINGER, EYE = Modality.FACE, Modality.FINGERPRINT, Modality.IRIS
REQUESTS = (
    Samples("the face", {FACE: 1}),
    Samples("two fingers", {FINGER: 2}),
    Samples("ten fingers", {FINGER: 10}),
    Samples("two eyes", {EYE: 2}),
    Samples("face, two fingers", {FACE: 1, FINGER: 2}),
    Samples("face, two eyes", {FACE: 1, EYE: 2}),
    Samples("face, ten fingers, two eyes", {FACE: 1, FINGER: 10, EYE: 2}),
)
WORST = (
    Samples("two fingers, sensor of 96 × 96 px", {FINGER: 2}, ("fvc2006-db1a",)),
    Samples("ten fingers, sensor of 96 × 96 px", {FINGER: 10}, ("fvc2006-db1a",)),
    Samples("two eyes, hand-held camera", {EYE: 2}, ("casia-lamp15",)),
)


def chosen(samples: Samples, curves: Curves) -> dict[Modality, list[SensorCurve]]:
    """The curves that people of these samples are drawn from."""
    wanted = samples.sensors
    return {
        modality: [each for each in curves[modality] if (each.name in wanted if wanted else each.name not in UNUSUAL)]
        for modality in samples.counts
    }


def draw(samples: Samples, curves: Curves, rhos: Mapping[Modality, float], count: int, seed: int) -> Parts:
    """Draw people.

    Args:
        samples: what each of them presents.
        curves: measured.
        rhos: correlation of positions, 0 to 1, by modality.
        count: number of people.
        seed: the same seed gives the same people.

    Returns:
        LLRs, shape (count, positions) for each modality.
    """
    random = np.random.default_rng(seed)
    return {
        modality: _of_modality(sensors, samples.counts[modality], rhos.get(modality, 0.0), count, random)
        for modality, sensors in chosen(samples, curves).items()
    }


def resampled(curves: Curves, seed: int) -> Curves:
    """The curves as another set of as many people would give them, if each person's comparisons were all alike.

    Each curve is that of as many values, drawn from it, as there are people: the widest that its comparisons allow.
    """
    random = np.random.default_rng(seed)
    return {modality: [_resampled(each, random) for each in of_one] for modality, of_one in curves.items()}


def _resampled(curve: SensorCurve, random: np.random.Generator) -> SensorCurve:
    values = np.sort(np.interp(random.random(curve.people), PROBABILITIES, curve.llrs))
    llrs = np.interp(PROBABILITIES, np.linspace(0.0, 1.0, values.size), values)
    return SensorCurve(
        curve.name, curve.people, curve.mated, llrs.tolist(), curve.non_mated, curve.tail, None, 0.0, 0.0
    )


def _of_modality(
    sensors: Sequence[SensorCurve], positions: int, rho: float, count: int, random: np.random.Generator
) -> Floats:
    common = random.standard_normal((count, 1))
    own = random.standard_normal((count, positions))
    share = ndtr(np.sqrt(rho) * common + np.sqrt(1.0 - rho) * own)
    sensor = random.integers(len(sensors), size=count)
    llrs = np.empty((count, positions))
    for number, curve in enumerate(sensors):
        rows = sensor == number
        llrs[rows] = np.interp(share[rows], PROBABILITIES, curve.llrs)
    return llrs
