"""Raw score → log10 likelihood ratio and false match rate, with the counts that bound both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import log10
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from biometrics.comparison import Comparison
from biometrics.curves import MAX_SCORE, Floats, QualityEffect, contaminated, llr_bounds, rising, through_knots
from biometrics.errors import ConfigurationInvalid

FORMAT = 2
"""Version of the JSON. A file of another version is refused."""

TOLERANCE = 1e-9
"""Of log10 values, for the rounding of bounds written as text."""

MAX_SLOPE = 1e200
"""log10 LR per unit of score, so that nothing overflows."""

KNOTS = ("scores", "llrs", "fmr_scores", "fmr_log10")


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the scores of one comparator on templates of one model are worth.

    LLR = the curve through the knots (score → log10 LR), strictly rising, with linear ends; where the probe's
    quality is known and has an effect, changed by it; then bounded by the counts (`curves.contaminated`), which
    keeps it rising. FMR is read from knots of the impostor survival curve, log-linear between them.

    Args:
        comparator_id: which comparator's scores.
        model_id: of the templates compared.
        family: how the knots were found; a key of `cllr_by_family`.
        scores: of the LLR knots, strictly ascending, at least two.
        llrs: log10 LR at each knot, before the bounds, strictly ascending.
        quality: what the probe's quality does to the LLR; None where it does not help.
        fmr_scores: scores of the FMR knots, strictly ascending, at least one.
        fmr_log10: log10 FMR at each knot, not rising, 0 to log10(3/non_mated_count).
        mated_count: genuine comparisons it was fitted on.
        non_mated_count: impostor comparisons it was fitted on.
        subject_count: people (or fingers, eyes) they came from.
        folds: subject-disjoint folds that every Cllr here is a mean over.
        cllr: in bits, on the folds left out of each fit, with the quality where it has an effect.
        min_cllr: in bits, on the same folds, of the scores alone.
        cllr_by_family: Cllr in bits of every family compared, without the quality.
        source: citation of the data set.
        date: ISO 8601 day of the fit.
        command: what fitted it.

    Raises:
        ConfigurationInvalid: values that contradict each other, or claim more than the counts support.
    """

    comparator_id: str
    model_id: str
    family: str
    scores: tuple[float, ...]
    llrs: tuple[float, ...]
    quality: QualityEffect | None
    fmr_scores: tuple[float, ...]
    fmr_log10: tuple[float, ...]
    mated_count: int
    non_mated_count: int
    subject_count: int
    folds: int
    cllr: float
    min_cllr: float
    cllr_by_family: Mapping[str, float] = field(hash=False)
    source: str
    date: str
    command: str

    def __post_init__(self) -> None:
        if fault := self._fault():
            raise ConfigurationInvalid(f"Calibration of {self.comparator_id}: {fault}. Fit it again.")

    @property
    def llr_min(self) -> float:
        """The LLR that none is below, from `mated_count`."""
        return llr_bounds(self.mated_count, self.non_mated_count)[0]

    @property
    def llr_max(self) -> float:
        """The LLR that none is above, from `non_mated_count`."""
        return llr_bounds(self.mated_count, self.non_mated_count)[1]

    def _fault(self) -> str:
        """What is wrong first, or ""."""
        if self.llr_min == self.llr_max:
            return "its counts support no LLR"
        if fault := _knots_fault(self.scores, self.llrs):
            return fault
        if self.quality and self.quality.fault:
            return self.quality.fault
        at, level = np.asarray(self.fmr_scores), np.asarray(self.fmr_log10)
        if at.size == 0 or at.shape != level.shape or not np.isfinite([at, level]).all():
            return "its FMR knots are missing or not finite"
        if (np.diff(at) <= 0.0).any() or (np.diff(level) > 0.0).any():
            return "its FMR knots are not monotone"
        exceeded = level.max() > 0.0 or level.min() < min(0.0, log10(3.0 / self.non_mated_count)) - TOLERANCE
        return "its FMR knots exceed what the counts support" if exceeded else ""

    def llr(self, scores: ArrayLike, quality: ArrayLike | None = None) -> Floats:
        """log10 LR of each score, within [llr_min, llr_max]; NaN stays NaN.

        Args:
            scores: any shape.
            quality: of the probe's sample, 0–100, a shape that fits; None or NaN where it is not known.
        """
        core = rising(self.scores, self.llrs, scores)
        if self.quality and quality is not None:
            core = self.quality.applied(core, np.asarray(quality, np.float64))
        return contaminated(core, self.llr_min, self.llr_max)

    def fmr(self, scores: ArrayLike) -> Floats:
        """Share of impostors that score at least this, same shape, 3/non_mated_count to 1; NaN stays NaN."""
        return np.asarray(10.0 ** through_knots(self.fmr_scores, self.fmr_log10, np.asarray(scores, np.float64)))

    def comparisons(self, scores: ArrayLike, quality: float | None = None) -> list[Comparison]:
        """Each score of a probe of this quality with what it is worth, in order."""
        raw = np.asarray(scores, np.float64)
        columns = zip(raw.tolist(), self.llr(raw, quality).tolist(), self.fmr(raw).tolist(), strict=True)
        return [Comparison(score, llr, fmr, self.comparator_id) for score, llr, fmr in columns]

    def comparison(self, score: float, quality: float | None = None) -> Comparison:
        """The score with what it is worth."""
        return self.comparisons([score], quality)[0]

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
            if version == FORMAT:
                return cls(**{**fields, **{name: _floats(fields[name]) for name in KNOTS}, "quality": _effect(fields)})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ConfigurationInvalid("The calibration file is no calibration. Fit it again.") from error
        raise ConfigurationInvalid(f"The calibration file has format {version}, and {FORMAT} is read. Fit it again.")


def _floats(values: Any) -> tuple[float, ...]:
    return tuple(map(float, values))


def _effect(fields: Mapping[str, Any]) -> QualityEffect | None:
    quality = fields["quality"]
    return quality and QualityEffect(**{name: _floats(values) for name, values in quality.items()})


def _knots_fault(scores: tuple[float, ...], llrs: tuple[float, ...]) -> str:
    """What is wrong with LLR knots, or ""."""
    if len(scores) < 2 or len(scores) != len(llrs) or not (np.abs([scores, llrs]) <= MAX_SCORE).all():
        return "its LLR knots are fewer than two or not finite"
    run, rise = np.diff(scores), np.diff(llrs)
    if (run <= 0.0).any() or (rise <= 0.0).any():
        return "its LLR knots do not rise strictly"
    return "its LLR knots are too steep" if (rise / MAX_SLOPE >= run).any() else ""
