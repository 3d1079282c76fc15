"""LLR curves from folders of `biofusion evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from biometrics.calibration.curves import Floats
from biometrics.errors import FieldInvalid
from biometrics.template import Modality
from evaluation.data.csv_rows import read_rows
from evaluation.data.score_table_reader import read_score_table
from evaluation.evaluate import TEMPLATES
from evaluation.protocol.template_cache import TemplateCache
from studies.capacity.answers.curves import Curves, SensorCurve, quantiles, tail_of
from studies.capacity.answers.outcomes import shipped

LEAST_QUALITY = 20.0
"""Quality below which the services refuse a sample for enrolment, by default."""


@dataclass(frozen=True, slots=True)
class Samples:
    """The samples of one set, by number.

    Args:
        quality: 0–100, shape (n,); 0 where there is no template.
        subjects: of each.
        positions: of each.
    """

    quality: Floats
    subjects: Sequence[str]
    positions: Sequence[str]

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Whether the sample would be enrolled, shape (n,)."""
        return np.asarray(self.quality >= LEAST_QUALITY)


def curves_of(folders: Sequence[Path]) -> Curves:
    """The curve of each folder, by modality.

    Raises:
        FieldInvalid: a folder is not of `biofusion evaluate`, or of a comparator that is not shipped.
    """
    curves: dict[Modality, list[SensorCurve]] = {modality: [] for modality in Modality}
    for folder in folders:
        modality, curve = curve_of(folder)
        curves[modality].append(curve)
    return curves


def curve_of(folder: Path) -> tuple[Modality, SensorCurve]:
    """Modality and curve of one folder. Raises as `curves_of`."""
    table = read_score_table(folder / "scores.csv.gz", np.float64)
    model = shipped()
    modality = next((each for each, name in model.comparators.items() if name in table.comparators), None)
    if modality is None:
        raise FieldInvalid(folder.name, f"its scores are of {', '.join(table.comparators)}. Evaluate it again.")
    samples = _samples(folder, table.names)
    scores = table.column(model.comparators[modality])
    kept = ~np.isnan(scores) & samples.usable[table.probe] & samples.usable[table.reference]
    calibration = model.calibrations[model.comparators[modality]]
    probes = np.concatenate([side[kept] for side in (table.probe, table.reference)])
    llrs = calibration.llr(np.tile(scores[kept], 2), samples.quality[probes])
    mated = np.tile(table.mated[kept], 2)
    own, whose = llrs[mated], probes[mated]
    return modality, SensorCurve(
        name=folder.name,
        people=len({samples.subjects[each] for each in whose.tolist()}),
        mated=own.size,
        llrs=quantiles(own),
        non_mated=int((~mated).sum()),
        tail=tail_of(llrs[~mated]),
        position_rho=_position_rho(own, whose, samples),
        left_out=round(1.0 - float(samples.usable.mean()), 4),
        template_bytes=_template_bytes(folder),
    )


def normal_scores(values: Floats) -> Floats:
    """Values replaced by the normal deviates of their ranks, ties by their mean rank; mean 0, standard deviation 1."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - 0.5 * counts)[inverse] / values.size
    deviates = np.asarray(ndtri(rank), np.float64)
    return np.asarray((deviates - deviates.mean()) / deviates.std())


def position_rho(scores: Floats, people: Sequence[str], positions: Sequence[str]) -> float | None:
    """Mean product of the scores of two comparisons of one person at different positions; None if there are none.

    Args:
        scores: of mean 0 and standard deviation 1, shape (n,).
        people: of each comparison.
        positions: of each comparison.
    """
    by_place: dict[str, dict[str, list[float]]] = {}
    for score, person, position in zip(scores.tolist(), people, positions, strict=True):
        by_place.setdefault(person, {}).setdefault(position, []).append(score)
    products = [
        np.mean([np.mean(one) * np.mean(other) for one, other in combinations(own.values(), 2)])
        for own in by_place.values()
        if len(own) > 1
    ]
    return round(float(np.mean(products)), 3) if products else None


def _position_rho(llrs: Floats, probes: NDArray[np.int32], samples: Samples) -> float | None:
    numbers = probes.tolist()
    subjects, positions = ([side[each] for each in numbers] for side in (samples.subjects, samples.positions))
    return position_rho(normal_scores(llrs), subjects, positions)


def _samples(folder: Path, names: Sequence[str]) -> Samples:
    columns = ("path", "subject", "position", "quality")
    rows = {row["path"]: row for _, row in read_rows(folder / "samples.csv", columns)}
    if missing := [name for name in names if name not in rows]:
        raise FieldInvalid("samples.csv", f"{missing[0]} is missing.")
    chosen = [rows[name] for name in names]
    quality = np.array([float(row["quality"] or 0.0) for row in chosen])
    return Samples(quality, [row["subject"] for row in chosen], [row["position"] for row in chosen])


def _template_bytes(folder: Path) -> float:
    with TemplateCache(folder / TEMPLATES) as cache:
        sizes = [len(sample.template) for _, sample in cache.items() if sample.template]
    return round(float(np.mean(sizes)), 1)
