"""MATCH, NO_MATCH or REVIEW at a stated error rate.

With calibrated LLRs, P(LLR ≥ t | non-mated) ≤ 10^-t (Markov's inequality on the likelihood ratio), so
MATCH from t = -log10(FMR) on keeps the false match rate. In identification the best of N non-mated comparisons
counts: FPIR ≤ N · FMR, so t = log10(N) - log10(FPIR).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log10

from biometrics.errors import FieldInvalid
from fusion.evidence.evidence import Evidence


class Outcome(StrEnum):
    """What was decided."""

    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"
    REVIEW = "REVIEW"


class DecisionReason(StrEnum):
    """Why."""

    STRONG_EVIDENCE = "STRONG_EVIDENCE"
    REVIEW_BAND = "REVIEW_BAND"
    WEAK_EVIDENCE = "WEAK_EVIDENCE"
    NOTHING_COMPARED = "NOTHING_COMPARED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    SAMPLE_UNUSABLE = "SAMPLE_UNUSABLE"
    CONTRADICTION = "CONTRADICTION"
    SEVERAL_CANDIDATES = "SEVERAL_CANDIDATES"
    NO_CANDIDATE = "NO_CANDIDATE"
    POOR_QUALITY = "POOR_QUALITY"
    NOT_CARRIED = "NOT_CARRIED"
    RUNNER_UP_CLOSE = "RUNNER_UP_CLOSE"
    SEARCH_INCOMPLETE = "SEARCH_INCOMPLETE"
    SAME_SAMPLE_TWICE = "SAME_SAMPLE_TWICE"
    POSITIONS_ALIKE = "POSITIONS_ALIKE"
    SAMPLES_DIFFER = "SAMPLES_DIFFER"
    POSITIONS_SWAPPED = "POSITIONS_SWAPPED"
    SEVERAL_FACES = "SEVERAL_FACES"


ROUNDING = 1e-9
"""Of LLRs, for sums of the same terms in another order."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the three answers begin, and the error rate behind it.

    Args:
        match_llr: MATCH from here on.
        review_llr: REVIEW from here on.
        fmr: the false match rate asked for, or None.
        fpir: the false positive identification rate asked for, or None.
    """

    match_llr: float
    review_llr: float
    fmr: float | None = None
    fpir: float | None = None

    @classmethod
    def at_fmr(cls, fmr: float, review_band_llr: float) -> Thresholds:
        """Thresholds of a verification.

        Raises:
            FieldInvalid: a rate outside 1e-9 to 0.1.
        """
        _check_rate("fmr", fmr, 0.1)
        return cls(-log10(fmr), max(0.0, -log10(fmr) - review_band_llr), fmr=fmr)

    @classmethod
    def at_fpir(cls, fpir: float, subject_count: int, review_band_llr: float) -> Thresholds:
        """Thresholds of an identification among `subject_count` subjects.

        Raises:
            FieldInvalid: a rate outside 1e-9 to 0.5.
        """
        _check_rate("fpir", fpir, 0.5)
        match_llr = log10(max(1, subject_count)) - log10(fpir)
        return cls(match_llr, max(0.0, match_llr - review_band_llr), fpir=fpir)

    def outcome(self, llr: float) -> Outcome:
        """The answer where nothing but the fused LLR counts."""
        if llr >= self.match_llr - ROUNDING:
            return Outcome.MATCH
        return Outcome.REVIEW if llr >= self.review_llr - ROUNDING else Outcome.NO_MATCH


@dataclass(frozen=True, slots=True)
class Decision:
    """One identity decision with all it rests on.

    Args:
        outcome: what was decided.
        llr: fused LLR of the evidence.
        thresholds: where the answers begin, and the error rate behind it.
        reasons: most important first, at least one.
        evidence: one per position.
        fusion_model_id: which model decided.
        observed_fmr: share of non-mated comparisons that reach it by the rates observed on data, 0–1; None where not
            known.
    """

    outcome: Outcome
    llr: float
    thresholds: Thresholds
    reasons: tuple[DecisionReason, ...]
    evidence: tuple[Evidence, ...]
    fusion_model_id: str
    observed_fmr: float | None = None

    @property
    def fmr_bound(self) -> float:
        """min(1, 10^-llr): no more than this share of non-mated comparisons reaches this LLR."""
        return min(1.0, float(10.0**-self.llr))

    @property
    def dependence_llr(self) -> float:
        """What the fused LLR has more than the sum of the evidence's; 0 where all are taken as independent."""
        return self.llr - sum(each.llr for each in self.evidence)


def _check_rate(field: str, rate: float, most: float) -> None:
    if not 1e-9 <= rate <= most:
        raise FieldInvalid(field, f"1e-9 to {most:g} is allowed.")
