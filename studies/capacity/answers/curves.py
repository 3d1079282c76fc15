"""LLR curves of measured sets: the quantiles of mated LLRs, and the tail of non-mated ones, of each sensor.

They are in `curves.json`, which `python -m studies.capacity --scores OUT/SET` writes from folders of `biofusion
evaluate`. A curve is a summary of a whole set: no score of a person, and no template, is in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from biometrics.calibration.curves import Floats
from biometrics.template import Modality

FILE = Path(__file__).with_name("curves.json")
PROBABILITIES = np.linspace(0.0, 1.0, 401)
"""Probabilities of the quantiles of mated LLRs."""


@dataclass(frozen=True, slots=True)
class SensorCurve:
    """The LLRs of one evaluated set.

    Args:
        name: of the set.
        people: people with mated comparisons; fingers where the set does not say whose they are.
        mated: mated comparisons, each with both of its samples as the probe.
        llrs: quantiles of their LLRs at `PROBABILITIES`, ascending.
        non_mated: non-mated comparisons, counted likewise.
        tail: LLRs of the highest non-mated comparisons, at ranks of `RANKS` as far as there are so many; falling.
        position_rho: correlation of the mated LLRs of two positions of a person, −1 to 1, as normal scores; None where
            people have one position.
        left_out: share of the samples that were not acquired, or are below the quality at which samples are enrolled.
        template_bytes: mean bytes of a template.
    """

    name: str
    people: int
    mated: int
    llrs: Sequence[float]
    non_mated: int
    tail: Sequence[float]
    position_rho: float | None
    left_out: float
    template_bytes: float

    def tail_llr(self, share: float) -> float:
        """The LLR that this share of non-mated comparisons reaches; NaN if it is less than one comparison."""
        rank = share * self.non_mated
        if rank < 1.0:
            return float("nan")
        ranks = RANKS[: len(self.tail)]
        return float(np.interp(np.log(rank), np.log(ranks), self.tail))


RANKS = np.unique(np.geomspace(1, 10_000, 60).round().astype(np.int64))
"""Ranks at which the tail of non-mated LLRs is stated; 1 is the highest."""

Curves = Mapping[Modality, Sequence[SensorCurve]]


def quantiles(llrs: Floats) -> list[float]:
    """Quantiles of LLRs at `PROBABILITIES`, to 12 digits, as REVIEW may begin at the highest LLR."""
    return [round(each, 12) for each in np.quantile(llrs, PROBABILITIES).tolist()]


def tail_of(llrs: Floats) -> list[float]:
    """The highest LLRs, at `RANKS` as far as there are so many, to 4 digits."""
    falling = -np.sort(-llrs)
    return [round(each, 4) for each in falling[RANKS[falling.size >= RANKS] - 1].tolist()]


def read_curves(path: Path = FILE) -> Curves:
    """Read the curves, by modality."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {Modality(name): [SensorCurve(**each) for each in curves] for name, curves in content.items()}


def write_curves(curves: Curves, path: Path = FILE) -> None:
    """Write the curves; the same curves give the same bytes, a line for each set."""
    parts = []
    for modality, of_one in curves.items():
        lines = ",\n".join(f"    {json.dumps(asdict(each))}" for each in of_one)
        parts.append(f'  "{modality.value}": [\n{lines}\n  ]')
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")
