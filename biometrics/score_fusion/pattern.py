"""Calibration of one pattern of present scores, bounded by the comparisons that show this pattern."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from biometrics.calibration.llr_bounds import contaminated
from biometrics.score_fusion.mixture import Floats


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """Numbers of comparisons behind a pattern: those that have at least its scores.

    Args:
        mated: mated comparisons.
        non_mated: non-mated comparisons.
        mated_effective: number of independent comparisons the mated ones are worth, above 0, at most `mated`.
        non_mated_effective: the same of the non-mated ones.
        people: number of people compared.
    """

    mated: int
    non_mated: int
    mated_effective: float
    non_mated_effective: float
    people: int


@dataclass(frozen=True, slots=True)
class PatternCalibration:
    """Maps the mixtures' log10 ratio to LLR and FMR when exactly these scores are present.

    Args:
        slope: slope of LLR = offset + slope · ratio, before the bounds; 0 or more.
        offset: LLR at ratio 0, before the bounds.
        counts: the comparisons behind it, which bound LLR and FMR.
        cllr: Cllr of these comparisons, in bits, the mated ones by mixtures not fitted on their subject.
        fmr_llr: LLR of the FMR knots, strictly ascending.
        fmr_log10: log10 FMR at each knot, falling, not below log10(3 / `counts.non_mated_effective`). It is 0 below
            the first knot and constant above the last.
    """

    slope: float
    offset: float
    counts: PatternCounts
    cllr: float
    fmr_llr: tuple[float, ...]
    fmr_log10: tuple[float, ...]

    @property
    def llr_min(self) -> float:
        """Lower bound, exclusive, of the LLR: −log10(2 · effective mated comparisons).

        As if half a mated comparison had the lowest score: the estimate of the rate of an unseen event with the
        lowest worst-case cost in bits (Krichevsky and Trofimov, IEEE Trans. Information Theory 27, 1981).
        """
        return -float(np.log10(2.0 * max(1.0, self.counts.mated_effective)))

    @property
    def llr_max(self) -> float:
        """Upper bound, exclusive, of the LLR: log10(effective non-mated comparisons / 3), 0 or more."""
        return float(np.log10(max(1.0, self.counts.non_mated_effective / 3.0)))

    @property
    def lowest_fmr(self) -> float:
        """The lowest FMR that the comparisons can show, 0–1."""
        return float(10.0 ** self.fmr_log10[-1])

    def llr(self, ratio: Floats) -> Floats:
        """The LLR of each ratio, within the bounds (`llr_bounds.contaminated`)."""
        return contaminated(self.offset + self.slope * ratio, self.llr_min, self.llr_max)

    def fmr(self, llr: Floats) -> Floats:
        """The FMR on the validation data at each LLR, 0–1."""
        return np.asarray(10.0 ** np.interp(llr, self.fmr_llr, self.fmr_log10, left=0.0))

    def threshold(self, fmr: float) -> float:
        """The lowest LLR threshold at which the FMR on the validation data is at most `fmr`.

        Where the counts cannot show so low a rate it is −log10(fmr), which bounds the FMR of calibrated LLRs (Markov's
        inequality), or the last knot if that is higher.
        """
        wanted = float(np.log10(fmr))
        if wanted < self.fmr_log10[-1]:
            return max(-wanted, self.fmr_llr[-1])
        return float(np.interp(-wanted, -np.array(self.fmr_log10), self.fmr_llr))
