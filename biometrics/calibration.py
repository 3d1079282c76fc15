"""Raw score → log10 likelihood ratio and false match rate, with the counts that bound both."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import isfinite, log10
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biometrics.comparison import Comparison
from biometrics.errors import ConfigurationInvalid

Floats = NDArray[np.float64]

FORMAT = 1
"""Version of the JSON. A file of another version is refused."""

TOLERANCE = 1e-9
"""Of log10 values, for the rounding of bounds written as text."""

MAX_SCORE = 1e30
"""Scores are clipped to ± this, so that infinite ones get the bounds."""

TRANSFORMS: dict[str, Callable[[Floats], Floats]] = {
    "identity": lambda score: score,
    "log1p": lambda score: np.sign(score) * np.log1p(np.abs(score)),
    "sqrt": lambda score: np.sign(score) * np.sqrt(np.abs(score)),
}
"""Strictly increasing maps of the whole line, applied before the affine step."""


def llr_bounds(mated_count: int, non_mated_count: int) -> tuple[float, float]:
    """The lowest and highest log10 LR that so many comparisons can support.

    Zero events in n comparisons only show a rate below 3/n (rule of three), so no LR above
    n/3 is claimed from n impostor comparisons, and none below 3/n from n genuine ones.
    """
    return -max(0.0, log10(max(mated_count, 1) / 3.0)), max(0.0, log10(max(non_mated_count, 1) / 3.0))


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the scores of one comparator on templates of one model are worth.

    LLR = offset + slope · transform(score), clipped to [llr_min, llr_max]. FMR is read from knots
    of the impostor survival curve, log-linear between them. Both are monotone in the score.

    Args:
        comparator_id: which comparator's scores.
        model_id: of the templates compared.
        transform: a name in TRANSFORMS.
        slope: log10 LR per unit of the transformed score, 0 or more.
        offset: log10 LR at transformed score 0.
        llr_min: lower bound, 0 or less; not below what `mated_count` supports.
        llr_max: upper bound, 0 or more; not above what `non_mated_count` supports.
        fmr_scores: scores of the FMR knots, strictly ascending, at least one.
        fmr_log10: log10 FMR at each knot, not rising, 0 to log10(3/non_mated_count).
        mated_count: genuine comparisons it was fitted on.
        non_mated_count: impostor comparisons it was fitted on.
        subject_count: people (or fingers, eyes) they came from.
        folds: subject-disjoint folds that `cllr` and `min_cllr` are means over.
        cllr: in bits, on the folds left out of each fit.
        min_cllr: in bits, on the same folds.
        source: citation of the data set.
        date: ISO 8601 day of the fit.
        command: what fitted it.

    Raises:
        ConfigurationInvalid: values that contradict each other, or claim more than the counts support.
    """

    comparator_id: str
    model_id: str
    transform: str
    slope: float
    offset: float
    llr_min: float
    llr_max: float
    fmr_scores: tuple[float, ...]
    fmr_log10: tuple[float, ...]
    mated_count: int
    non_mated_count: int
    subject_count: int
    folds: int
    cllr: float
    min_cllr: float
    source: str
    date: str
    command: str

    def __post_init__(self) -> None:
        if fault := self._fault():
            raise ConfigurationInvalid(f"Calibration of {self.comparator_id}: {fault}. Fit it again.")

    def _fault(self) -> str:
        """What is wrong first, or ""."""
        low, high = llr_bounds(self.mated_count, self.non_mated_count)
        at, level = np.asarray(self.fmr_scores), np.asarray(self.fmr_log10)
        if self.transform not in TRANSFORMS:
            return "its transform is unknown"
        if not (isfinite(self.offset) and 0.0 <= self.slope < MAX_SCORE):
            return "its slope or offset is not finite, or the slope is negative"
        if not (low - TOLERANCE <= self.llr_min <= 0.0 <= self.llr_max <= high + TOLERANCE):
            return "its LLR bounds exceed what the counts support"
        if at.size == 0 or at.shape != level.shape or not np.isfinite([at, level]).all():
            return "its FMR knots are missing or not finite"
        if (np.diff(at) <= 0.0).any() or (np.diff(level) > 0.0).any():
            return "its FMR knots are not monotone"
        exceeded = level.max() > 0.0 or level.min() < -high - TOLERANCE
        return "its FMR knots exceed what the counts support" if exceeded else ""

    def llr(self, scores: ArrayLike) -> Floats:
        """log10 LR of each score, same shape, within [llr_min, llr_max]; NaN stays NaN."""
        raw = np.clip(np.asarray(scores, np.float64), -MAX_SCORE, MAX_SCORE)
        return np.clip(self.offset + self.slope * TRANSFORMS[self.transform](raw), self.llr_min, self.llr_max)

    def fmr(self, scores: ArrayLike) -> Floats:
        """Share of impostors that score at least this, same shape, 3/non_mated_count to 1; NaN stays NaN."""
        raw = np.asarray(scores, np.float64)
        at, level = np.asarray(self.fmr_scores), np.asarray(self.fmr_log10)
        left = np.clip(np.searchsorted(at, raw, side="right") - 1, 0, at.size - 1)
        right = np.minimum(left + 1, at.size - 1)
        width = np.where(right > left, at[right] - at[left], 1.0)
        share = np.clip((np.clip(raw, at[0], at[-1]) - at[left]) / width, 0.0, 1.0)
        return np.asarray(10.0 ** np.maximum(level[left] + share * (level[right] - level[left]), level[right]))

    def comparisons(self, scores: ArrayLike) -> list[Comparison]:
        """Each score with what it is worth, in order."""
        raw = np.asarray(scores, np.float64)
        columns = zip(raw.tolist(), self.llr(raw).tolist(), self.fmr(raw).tolist(), strict=True)
        return [Comparison(score, llr, fmr, self.comparator_id) for score, llr, fmr in columns]

    def comparison(self, score: float) -> Comparison:
        """The score with what it is worth."""
        return self.comparisons([score])[0]

    def to_json(self) -> str:
        """Stable text: the same calibration gives the same bytes."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2, ensure_ascii=False, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationInvalid: other text, another format version, or values that do not hold.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            version = fields.pop("format")
            knots = {name: tuple(map(float, fields[name])) for name in ("fmr_scores", "fmr_log10")}
            if version == FORMAT:
                return cls(**{**fields, **knots})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigurationInvalid("The calibration file is no calibration. Fit it again.") from error
        raise ConfigurationInvalid(f"The calibration file has format {version}, and {FORMAT} is read. Fit it again.")
