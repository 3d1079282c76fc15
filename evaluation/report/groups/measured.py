"""Rates by the groups that the columns of images.csv state, within groups and between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from evaluation.data.images_csv import ImageRow
from evaluation.data.pairs_csv import Pairs
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.metrics.verification import carries, threshold_at_fmr
from evaluation.report.findings.differential import Differential, Points, by_group
from evaluation.report.groups.asked import Asked
from evaluation.report.sides import sides

MOST_GROUPS = 30
"""Most values of one column; a column with more is none of groups."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """The rates by one column's groups.

    Args:
        column: its name.
        images: number of images of each group, by name.
        not_stated: number of images without a value; they are in no rate.
        within: FMR and FNMR of each group, of comparisons of two images of it, with ratios.
        between: the same rates of each two groups, of comparisons of an image of one with an image of the other,
            without ratios. There are mated ones only where people have images in both, e.g. of two cameras.
    """

    column: str
    images: dict[str, int]
    not_stated: int
    within: tuple[Differential, ...]
    between: tuple[Differential, ...]


def operating_points(non_mated: Comparisons, asked: Asked) -> list[tuple[float | None, float]]:
    """The FMRs that the non-mated comparisons carry with their thresholds, then the thresholds that were stated."""
    fmrs = sorted(set(asked.fmrs), reverse=True)
    carried = [fmr for fmr in fmrs if carries(non_mated.scores.size, fmr)]
    points: list[tuple[float | None, float]] = [(fmr, threshold_at_fmr(non_mated.scores, fmr)) for fmr in carried]
    return points + [(None, each) for each in sorted(set(asked.thresholds))]


def check_columns(images: Sequence[ImageRow], columns: Sequence[str]) -> None:
    """Refuse, before any work, columns that state no groups.

    Raises:
        FieldInvalid: a column has fewer than 2 values, or more than 30.
    """
    for place, column in enumerate(columns):
        count = len({row.groups[place] for row in images} - {""})
        if not 2 <= count <= MOST_GROUPS:
            raise FieldInvalid(
                f"images.csv, {column}", f"it has {count} values; 2 to {MOST_GROUPS} groups can be told."
            )


def measure_groups(
    images: Sequence[ImageRow], pairs: Pairs, scores: NDArray[np.float32], columns: Sequence[str], points: Points
) -> list[Grouped]:
    """The rates by each column.

    Args:
        images: the rows of images.csv, with the columns' values.
        pairs: the comparisons, shape (k,).
        scores: shape (k,), NaN where one could not be made: a mated one is a non-match, others are in no rate.
        columns: names of the columns.
        points: thresholds that all groups share.

    Raises:
        FieldInvalid: no mated or no non-mated comparison could be made.
    """
    if not columns:
        return []
    mated, non_mated = sides(images, pairs, scores)
    kinds = (("FMR", non_mated, ~pairs.mated & ~np.isnan(scores)), ("FNMR", mated, pairs.mated))
    found = []
    for place, column in enumerate(columns):
        names, code = _coded([row.groups[place] for row in images])
        within, between = [], []
        for error, side, rows in kinds:
            of_probe, of_reference = code[pairs.probe[rows]], code[pairs.reference[rows]]
            within += _rates(error, side, _same(of_probe, of_reference), names, points)
            two = _different(of_probe, of_reference, len(names))
            between += _rates(error, side, two, _pairs(names), points, with_ratios=False)
        counts = {name: int(np.count_nonzero(code == number)) for number, name in enumerate(names)}
        found.append(Grouped(column, counts, int(np.count_nonzero(code < 0)), tuple(within), tuple(between)))
    return found


def _coded(values: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The names of the groups in order, and the number of each image's, −1 where none is stated."""
    names = sorted(set(values) - {""})
    numbers = {name: number for number, name in enumerate(names)}
    return names, np.asarray([numbers.get(value, -1) for value in values])


def _same(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The group of both images; −1 where they are of two, or one is of none."""
    return np.where(one == other, one, -1)


def _different(one: NDArray[np.int64], other: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """The number of the two groups in `_pairs`; −1 where both images are of one group, or one is of none."""
    number = np.full((groups, groups), -1)
    for place, (low, high) in enumerate(combinations(range(groups), 2)):
        number[low, high] = number[high, low] = place
    return np.where((one >= 0) & (other >= 0), number[one, other], -1)


def _pairs(names: Sequence[str]) -> list[str]:
    return [f"{one} – {other}" for one, other in combinations(names, 2)]


def _rates(
    error: str,
    side: Comparisons,
    group: NDArray[np.int64],
    names: Sequence[str],
    points: Points,
    *,
    with_ratios: bool = True,
) -> list[Differential]:
    rows = group >= 0
    return by_group(error, side.where(rows), group[rows], names, points, with_ratios=with_ratios)
