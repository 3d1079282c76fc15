"""Splitting rows into training and test sets that share no subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from evaluation.data.score_table import ScoreTable


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to fit on and rows to test on, bool (n,) each; a row that compares subjects of both sets is in neither."""

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def cross_validation(table: ScoreTable, folds: int, seed: int = 1) -> Iterator[Split]:
    """Test once on each of `folds` sets of subjects, with a model fitted on the other sets.

    Raises:
        FieldInvalid: fewer subjects than folds.
    """
    probe, reference, count = _subjects(table)
    _require(count, folds)
    yield from by_folds(probe, reference, folds, seed)


def by_folds(first: NDArray[np.integer], second: NDArray[np.integer], folds: int, seed: int = 1) -> Iterator[Split]:
    """The same of comparisons whose subjects are known.

    Args:
        first: number of the probe's subject, 0 or more, shape (n,).
        second: of the reference's.
        folds: sets of subjects, each tested on once; of fewer subjects some sets are empty.
        seed: of who is in which set.
    """
    subjects = 1 + int(max(first.max(), second.max()))
    fold_of = np.random.default_rng(seed).permutation(subjects) % folds
    one, other = fold_of[first], fold_of[second]
    for fold in range(folds):
        yield Split((one != fold) & (other != fold), (one == fold) & (other == fold))


def random_halves(table: ScoreTable, times: int, seed: int = 1) -> Iterator[Split]:
    """Fit on a random half of the subjects, test on the other half; drawn `times` times.

    Raises:
        FieldInvalid: fewer than four subjects.
    """
    probe, reference, count = _subjects(table)
    _require(count, 4)
    random = np.random.default_rng(seed)
    for _ in range(times):
        half = np.zeros(count, np.bool_)
        half[random.permutation(count)[: count // 2]] = True
        yield Split(half[probe] & half[reference], ~half[probe] & ~half[reference])


def _subjects(table: ScoreTable) -> tuple[NDArray[np.int32], NDArray[np.int32], int]:
    subject = table.subjects()
    return subject[table.probe], subject[table.reference], int(subject.max()) + 1


def _require(count: int, least: int) -> None:
    if count < least:
        raise FieldInvalid("scores", f"{count} subjects; at least {least} are needed to keep some out of the fit.")
