"""Calibration of one comparator: raw score → log10 likelihood ratio and FMR, both bounded by counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from math import log10

import numpy as np
from numpy.typing import ArrayLike

from biometrics.calibration import scalar_curves as single
from biometrics.calibration.curves import Floats, falling_fault, rising, rising_fault, through_knots
from biometrics.calibration.llr_bounds import contaminated, llr_bounds
from biometrics.calibration.quality_effect import QualityEffect
from biometrics.calibration.sensor_check import SensorCheck
from biometrics.calibration.text import fields_of, no_calibration, text_of
from biometrics.comparison import Comparison
from biometrics.errors import ConfigurationInvalid

TOLERANCE = 1e-9
"""Allowed excess of log10 values over their bound, as the bound is rounded when written as text."""

FEW = 8
"""Up to this many scores are converted one by one: numpy takes longer for so few."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Maps the scores of one comparator, on templates of one model, to LLR and FMR.

    The LLR of a score is found in four steps:

    1. the curve through the knots (score → log10 LR), strictly rising, continued linearly outside them;
    2. the effect of the probe's quality, where the quality is known and has an effect;
    3. the bounds by counts (`llr_bounds.contaminated`), which keep the order;
    4. at most −log10 of the FMR claimed at the score, so that non-mated comparisons reach an LLR of t no more often
       than 10^-t where that claim holds.

    The FMR is read from the claimed curve, log-linear between its knots.

    Args:
        comparator_id: the comparator.
        model_id: model of the templates compared.
        family: how the knots were found; a key of `cllr_by_family`.
        scores: of the LLR knots, strictly ascending, at least two.
        llrs: log10 LR at each knot, before the bounds, strictly ascending.
        quality: effect of the probe's quality on the LLR; None where using it does not help.
        fmr_scores: scores of the FMR knots, strictly ascending, at least one.
        fmr_log10: log10 FMR claimed at each knot, strictly falling, from 0 to at least
            log10(3/effective_non_mated_count).
        margin: factor κ of the FMR claim that allows for unseen sensors, above 0 to 1; 1 is no margin.
        mated_count: mated comparisons it was fitted on.
        non_mated_count: non-mated comparisons it was fitted on.
        effective_mated_count: number of independent comparisons that the mated ones are worth, at most `mated_count`.
        effective_non_mated_count: the same of the non-mated ones.
        people_count: people behind the comparisons; fingers where a data set does not say whose they are.
        sensors: check of each sensor by a fit on the others.
        folds: number of folds of people; every Cllr here is a mean over them.
        cllr: in bits, on the folds left out of each fit, of the curve with its quality effect if it has one.
        min_cllr: in bits, on the same folds, of the scores without the quality.
        cllr_by_family: Cllr in bits of every curve family compared, without the quality.
        source: citation of the data set.
        date: ISO 8601 day of the fit.
        command: the command that fitted it.

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
        """Hash a few fields only, as caches look calibrations up often; equality compares all fields."""
        return hash((self.comparator_id, self.model_id, self.source, self.effective_non_mated_count))

    def __post_init__(self) -> None:
        if fault := self._fault():
            raise ConfigurationInvalid(f"Calibration of {self.comparator_id}: {fault}. Fit it again.")

    @property
    def llr_min(self) -> float:
        """Lower bound of the LLR, from `effective_mated_count`."""
        return llr_bounds(self.effective_mated_count, 0)[0]

    @property
    def llr_max(self) -> float:
        """Upper bound of the LLR: −log10 of the lowest FMR claimed."""
        return abs(self.fmr_log10[-1])

    @property
    def lowest_fmr(self) -> float:
        """The lowest FMR claimed, 0–1."""
        return float(10.0 ** self.fmr_log10[-1])

    def _fault(self) -> str:
        """Name the first thing that is wrong, or "" if nothing is."""
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
            return "its margin is not above 0 and at most 1"
        more = self.effective_mated_count > self.mated_count or self.effective_non_mated_count > self.non_mated_count
        return "its effective counts are above those of the comparisons" if more else ""

    def llr(self, scores: ArrayLike, quality: ArrayLike | None = None) -> Floats:
        """log10 LR of each score, within [llr_min, llr_max]; NaN stays NaN.

        Args:
            scores: any shape.
            quality: quality of the probe, 0–100, in a shape that broadcasts; None or NaN where it is unknown.
        """
        core = rising(self.scores, self.llrs, scores)
        if self.quality and quality is not None:
            core = self.quality.applied(core, np.asarray(quality, np.float64))
        return np.minimum(contaminated(core, self.llr_min, self.llr_max), -self._fmr_log10(scores))

    def fmr(self, scores: ArrayLike) -> Floats:
        """FMR claimed at each score as the threshold, same shape, `lowest_fmr` to 1; NaN stays NaN."""
        return np.asarray(10.0 ** self._fmr_log10(scores))

    def _fmr_log10(self, scores: ArrayLike) -> Floats:
        return through_knots(self.fmr_scores, self.fmr_log10, np.asarray(scores, np.float64))

    def comparisons(self, scores: Sequence[float] | Floats, quality: float | None = None) -> list[Comparison]:
        """Return the scores of a probe of this quality with their LLR and FMR, in order."""
        if len(scores) <= FEW:
            return [self.comparison(float(score), quality) for score in scores]
        raw = np.asarray(scores, np.float64)
        columns = zip(raw.tolist(), self.llr(raw, quality).tolist(), self.fmr(raw).tolist(), strict=True)
        return [Comparison(score, llr, fmr, self.comparator_id) for score, llr, fmr in columns]

    def comparison(self, score: float, quality: float | None = None) -> Comparison:
        """Return one score with its LLR and FMR, as `llr` and `fmr` give them."""
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
            ConfigurationInvalid: other text, another format version, or values that contradict each other.
        """
        try:
            return cls(**fields_of(text))
        except TypeError as error:
            raise no_calibration() from error
