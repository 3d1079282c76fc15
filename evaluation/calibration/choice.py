"""Choosing the curve of a calibration: cross-validation over people compares families; the simplest good one wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.curves import Floats, rising
from biometrics.calibration.llr_bounds import contaminated, llr_bounds
from biometrics.errors import FieldInvalid
from evaluation.calibration.families import FAMILIES, Knots
from evaluation.calibration.quality_effect import fit_quality, probe_qualities
from evaluation.data.scores import Scored
from evaluation.metrics.cllr import cllr, min_cllr
from evaluation.protocol.splits import by_folds

MIN_COMPARISONS = 20
MIN_GAIN, MIN_GAIN_BITS = 0.02, 0.001
"""Least gain in Cllr, as a share and in bits, for which a less simple curve is taken; a smaller one may be chance.

Where the classes are well separated, Cllr is almost 0 for every family, and a share of it says nothing.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """The family that cross-validation chose, and the Cllr of each family; fields as in Calibration."""

    family: str
    with_quality: bool
    folds: int
    cllr: float
    min_cllr: float
    cllr_by_family: dict[str, float]


def chosen(scored: Scored, folds: int = 5) -> Choice:
    """Choose the simplest good family, and decide whether to use the probe's quality.

    1. Fit each family on all folds but one and measure Cllr on the comparisons within that one; 2. take the simplest
    whose mean Cllr none beats by 2 % and 0.001 bits; 3. let the probe's quality change the LLR if that gains as much.
    LLRs are bounded by the counts they are fitted on.

    Args:
        scored: comparisons that gave a score, with the people they compare.
        folds: sets of people, each left out once.

    Raises:
        FieldInvalid: fewer than 20 mated or non-mated comparisons, scores that are not finite, or mated scores that
            are not higher on average.
    """
    _check(scored)
    parts = list(split(scored, folds))
    losses = {name: _mean([_loss(*part, name) for part in parts]) for name in FAMILIES}
    family = choose(losses)
    aware = _mean([_aware_loss(*part, family) for part in parts])
    with_quality = beats(aware, losses[family])
    least = _mean([min_cllr(*_sides(test.scores, test.mated)) for _, test in parts])
    return Choice(family, with_quality, folds, aware if with_quality else losses[family], least, losses)


def beats(loss: float, other: float) -> bool:
    """Whether a Cllr is lower than another by enough to justify a less simple curve."""
    return loss < min((1.0 - MIN_GAIN) * other, other - MIN_GAIN_BITS)


def choose(losses: Mapping[str, float]) -> str:
    """The first, and so simplest, family that the family of lowest Cllr does not beat by enough."""
    lowest = min(losses.values())
    return next(name for name, loss in losses.items() if not beats(lowest, loss))


def split(scored: Scored, folds: int) -> Iterator[tuple[Scored, Scored]]:
    """Training and test comparisons of each fold that has both kinds of comparison.

    Folds are sets of subjects; a comparison across two folds is in no test set.

    Raises:
        FieldInvalid: no fold has both kinds.
    """
    usable = False
    for each in by_folds(scored.first, scored.second, folds):
        train, test = scored.part(each.train), scored.part(each.test)
        if all(part.mated.any() and not part.mated.all() for part in (train, test)):
            usable = True
            yield train, test
    if not usable:
        raise FieldInvalid("scores", f"too few subjects for {folds} folds with both kinds of comparison.")


def _check(scored: Scored) -> None:
    mated = int(np.count_nonzero(scored.mated))
    if min(mated, scored.scores.size - mated) < MIN_COMPARISONS:
        raise FieldInvalid(
            "scores",
            f"{mated} mated and {scored.scores.size - mated} non-mated scores; {MIN_COMPARISONS} of each are needed.",
        )
    if not np.isfinite(scored.scores).all():
        raise FieldInvalid("scores", "every score must be a finite number.")
    if not scored.scores[scored.mated].mean() > scored.scores[~scored.mated].mean():
        raise FieldInvalid("scores", "mated scores are not higher on average: higher must mean more alike.")


def knots_of(scored: Scored, family: str) -> Knots:
    """The family fitted on all of the comparisons."""
    return FAMILIES[family](*_sides(scored.scores, scored.mated))


def _loss(train: Scored, test: Scored, family: str) -> float:
    llr = rising(*knots_of(train, family), test.scores)
    return cllr(*_sides(_bounded(llr, train), test.mated))


def _aware_loss(train: Scored, test: Scored, family: str) -> float:
    """Cllr of the curve that uses the quality; infinite where no quality is known."""
    knots = knots_of(train, family)
    effect = fit_quality(rising(*knots, train.scores), train)
    if effect is None:
        return np.inf
    llr = effect.applied(np.tile(rising(*knots, test.scores), 2), probe_qualities(test))
    return cllr(*_sides(_bounded(llr, train), np.tile(test.mated, 2)))


def _bounded(llr: Floats, train: Scored) -> Floats:
    mated = int(np.count_nonzero(train.mated))
    return contaminated(llr, *llr_bounds(mated, train.mated.size - mated))


def _sides(values: Floats, mated: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    return values[mated], values[~mated]


def _mean(losses: Sequence[float]) -> float:
    return float(np.mean(losses))
