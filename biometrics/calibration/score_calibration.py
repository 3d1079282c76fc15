"""Raw score → log10 likelihood ratio and false match rate, with the counts that bound both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import log10

import numpy as np
from numpy.typing import ArrayLike

from biometrics.calibration import scalar_curves as single
from biometrics.calibration.curves import (
    Floats,
    QualityEffect,
    contaminated,
    falling_fault,
    llr_bounds,
    rising,
    rising_fault,
    through_knots,
)
from biometrics.calibration.sensor_check import SensorCheck
from biometrics.calibration.text import fields_of, no_calibration, text_of
from biometrics.comparison import Comparison
from biometrics.errors import ConfigurationInvalid

TOLERANCE = 1e-9
"""Of log10 values, for the rounding of bounds written as text."""

FEW = 8
"""Up to so many scores are taken one by one: arrays of so few take longer."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the scores of one comparator on templates of one model are worth.

    LLR = the curve through the knots (score → log10 LR), strictly rising, with linear ends; where the probe's
    quality is known and has an effect, changed by it; then bounded (`curves.contaminated`), which keeps it rising; and
    never above −log10 of the FMR claimed at the score, so that non-mated comparisons reach an LLR of t no more often
    than 10^-t where that claim holds. FMR is read from the knots of the claimed curve, log-linear between them.

    Args:
        comparator_id: which comparator's scores.
        model_id: of the templates compared.
        family: how the knots were found; a key of `cllr_by_family`.
        scores: of the LLR knots, strictly ascending, at least two.
        llrs: log10 LR at each knot, before the bounds, strictly ascending.
        quality: what the probe's quality does to the LLR; None where it does not help.
        fmr_scores: scores of the FMR knots, strictly ascending, at least one.
        fmr_log10: log10 FMR claimed at each knot, strictly falling, from 0 to at least
            log10(3/effective_non_mated_count).
        margin: κ of the claim for a sensor that was not there, above 0 to 1; 1 for none.
        mated_count: mated comparisons it was fitted on.
        non_mated_count: non-mated comparisons it was fitted on.
        effective_mated_count: independent comparisons that the mated ones are worth, no more than they.
        effective_non_mated_count: likewise.
        people_count: people they came from; fingers where a set does not tell whose they are.
        sensors: what was claimed of each sensor by a fit on the others.
        folds: folds of people that every Cllr here is a mean over.
        cllr: in bits, on the folds left out of each fit, of the curve with the quality where it has an effect.
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
    margin: float
    mated_count: int
    non_mated_count: int
    effective_mated_count: int
    effective_non_mated_count: int
    people_count: int
    sensors: tuple[SensorCheck, ...]
    folds: int
    cllr: float
    min_cllr: float
    cllr_by_family: Mapping[str, float] = field(hash=False)
    source: str
    date: str
    command: str

    def __hash__(self) -> int:
        """Of little of it: caches are looked up by calibrations, and what has equal hashes is compared."""
        return hash((self.comparator_id, self.model_id, self.source, self.effective_non_mated_count))

    def __post_init__(self) -> None:
        if fault := self._fault():
            raise ConfigurationInvalid(f"Calibration of {self.comparator_id}: {fault}. Fit it again.")

    @property
    def llr_min(self) -> float:
        """The LLR that none is below, from `effective_mated_count`."""
        return llr_bounds(self.effective_mated_count, 0)[0]

    @property
    def llr_max(self) -> float:
        """The LLR that none is above: that of the lowest FMR claimed."""
        return abs(self.fmr_log10[-1])

    @property
    def lowest_fmr(self) -> float:
        """The lowest FMR claimed."""
        return float(10.0 ** self.fmr_log10[-1])

    def _fault(self) -> str:
        """What is wrong first, or ""."""
        parts = (each.fault for each in (self.quality, *self.sensors) if each)
        return self._curve_fault() or self._count_fault() or next(filter(None, parts), "")

    def _curve_fault(self) -> str:
        if fault := falling_fault(self.fmr_scores, self.fmr_log10) or rising_fault(self.scores, self.llrs):
            return fault
        if self.llr_max > max(0.0, log10(max(self.effective_non_mated_count, 1) / 3.0)) + TOLERANCE:
            return "its FMR knots exceed what the counts support"
        return "its counts support no LLR" if self.llr_min == self.llr_max else ""

    def _count_fault(self) -> str:
        if not 0.0 < self.margin <= 1.0:
            return "its margin is not above 0 to 1"
        more = self.effective_mated_count > self.mated_count or self.effective_non_mated_count > self.non_mated_count
        return "its effective counts are above those of the comparisons" if more else ""

    def llr(self, scores: ArrayLike, quality: ArrayLike | None = None) -> Floats:
        """log10 LR of each score, within [llr_min, llr_max]; NaN stays NaN.

        Args:
            scores: any shape.
            quality: of the probe's sample, 0–100, a shape that fits; None or NaN where it is not known.
        """
        core = rising(self.scores, self.llrs, scores)
        if self.quality and quality is not None:
            core = self.quality.applied(core, np.asarray(quality, np.float64))
        return np.minimum(contaminated(core, self.llr_min, self.llr_max), -self._fmr_log10(scores))

    def fmr(self, scores: ArrayLike) -> Floats:
        """Share of non-mated pairs claimed to score at least this, same shape, `lowest_fmr` to 1; NaN stays NaN."""
        return np.asarray(10.0 ** self._fmr_log10(scores))

    def _fmr_log10(self, scores: ArrayLike) -> Floats:
        return through_knots(self.fmr_scores, self.fmr_log10, np.asarray(scores, np.float64))

    def comparisons(self, scores: Sequence[float] | Floats, quality: float | None = None) -> list[Comparison]:
        """Each score of a probe of this quality with what it is worth, in order."""
        if len(scores) <= FEW:
            return [self.comparison(float(score), quality) for score in scores]
        raw = np.asarray(scores, np.float64)
        columns = zip(raw.tolist(), self.llr(raw, quality).tolist(), self.fmr(raw).tolist(), strict=True)
        return [Comparison(score, llr, fmr, self.comparator_id) for score, llr, fmr in columns]

    def comparison(self, score: float, quality: float | None = None) -> Comparison:
        """The score with what it is worth, as `llr` and `fmr` say."""
        core = single.rising(self.scores, self.llrs, score)
        if self.quality and quality is not None:
            core = single.applied(self.quality, core, quality)
        claimed = single.through_knots(self.fmr_scores, self.fmr_log10, score)
        bounded = single.contaminated(core, self.llr_min, self.llr_max)
        llr = min(bounded, -claimed)
        return Comparison(score, llr, 10.0**claimed, self.comparator_id)

    def to_json(self) -> str:
        """Stable text: the same calibration gives the same bytes."""
        return text_of(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationInvalid: other text, another format version, or values that do not hold.
        """
        try:
            return cls(**fields_of(text))
        except TypeError as error:
            raise no_calibration() from error
