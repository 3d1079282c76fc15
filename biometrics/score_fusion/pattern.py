"""What one pattern of scores that are there is worth, and the comparisons that carry it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from biometrics.calibration.curves import contaminated
from biometrics.score_fusion.mixture import Floats
from biometrics.score_fusion.parts import finite

TOLERANCE = 1e-9
"""Of log10 rates, for rounding."""


@dataclass(frozen=True, slots=True)
class PatternCounts:
    """The comparisons that carry a pattern: those that have at least its scores.

    Args:
        mated: mated ones.
        non_mated: non-mated ones.
        mated_effective: how many independent ones the mated ones are worth, above 0, no more than `mated`.
        non_mated_effective: likewise of the non-mated ones.
        people: whom they compare.
    """

    mated: int
    non_mated: int
    mated_effective: float
    non_mated_effective: float
    people: int


@dataclass(frozen=True, slots=True)
class PatternCalibration:
    """What the mixtures' log10 ratio is worth when just these scores are there.

    Args:
        slope: of LLR = offset + slope · ratio, before the bounds; 0 or more.
        offset: at ratio 0.
        counts: the comparisons behind it, which bound what it says.
        cllr: of these comparisons, in bits, mated ones by mixtures that have not seen their subject.
        fmr_llr: LLR of the FMR knots, strictly ascending.
        fmr_log10: log10 FMR at each, falling, not below 3 in `counts.non_mated_effective`; below the first knot 0,
            above the last its own.
    """

    slope: float
    offset: float
    counts: PatternCounts
    cllr: float
    fmr_llr: tuple[float, ...]
    fmr_log10: tuple[float, ...]

    @property
    def llr_min(self) -> float:
        """No LLR is at or below this: −log10 of twice the mated comparisons.

        As if half a mated one had scored lowest: the estimate of a rate never seen that costs least in bits at
        worst (Krichevsky and Trofimov, IEEE Trans. Information Theory 27, 1981).
        """
        return -float(np.log10(2.0 * max(1.0, self.counts.mated_effective)))

    @property
    def llr_max(self) -> float:
        """No LLR is at or above this: log10 of a third of the non-mated comparisons, 0 or more."""
        return float(np.log10(max(1.0, self.counts.non_mated_effective / 3.0)))

    @property
    def lowest_fmr(self) -> float:
        """The lowest FMR that the comparisons carry, 0–1."""
        return float(10.0 ** self.fmr_log10[-1])

    def llr(self, ratio: Floats) -> Floats:
        """The LLR of each ratio, within the bounds: the contaminated likelihood ratio."""
        return contaminated(self.offset + self.slope * ratio, self.llr_min, self.llr_max)

    def fmr(self, llr: Floats) -> Floats:
        """The FMR on validation at each LLR, 0–1."""
        return np.asarray(10.0 ** np.interp(llr, self.fmr_llr, self.fmr_log10, left=0.0))

    def threshold(self, fmr: float) -> float:
        """The LLR from which on the FMR on validation is at most `fmr`.

        Where the counts do not carry that rate it is −log10(fmr), which bounds the FMR of calibrated LLRs (Markov's
        inequality), or the last knot where that is higher.
        """
        wanted = float(np.log10(fmr))
        if wanted < self.fmr_log10[-1]:
            return max(-wanted, self.fmr_llr[-1])
        return float(np.interp(-wanted, -np.array(self.fmr_log10), self.fmr_llr))


def pattern_of(fields: dict[str, Any]) -> PatternCalibration:
    """Read a calibration; ValueError where it does not hold, or claims more than its counts."""
    at, level = finite(fields["fmr_llr"]), finite(fields["fmr_log10"])
    slope, offset, loss = finite([fields[name] for name in ("slope", "offset", "cllr")]).tolist()
    if slope < 0.0 or at.shape != level.shape or (np.diff(at) <= 0.0).any() or (np.diff(level) > 0.0).any():
        raise ValueError("a calibration is not monotone")
    counts = _counts_of(fields["counts"])
    if level.max() > TOLERANCE or level.min() < np.log10(min(1.0, 3.0 / counts.non_mated_effective)) - TOLERANCE:
        raise ValueError("a rate exceeds what the counts carry")
    return PatternCalibration(slope, offset, counts, loss, tuple(at.tolist()), tuple(level.tolist()))


def _counts_of(fields: dict[str, Any]) -> PatternCounts:
    counts = PatternCounts(**fields)
    finite([counts.mated, counts.non_mated, counts.mated_effective, counts.non_mated_effective, counts.people])
    for effective, rows in (
        (counts.mated_effective, counts.mated),
        (counts.non_mated_effective, counts.non_mated),
    ):
        if not 0.0 < effective <= rows:
            raise ValueError("more comparisons are claimed than were made")
    return counts
