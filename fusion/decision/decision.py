"""The value types of a decision: outcome, reasons, and the thresholds that keep a stated error rate.

With calibrated LLRs, P(LLR ≥ t | non-mated) ≤ 10^-t (Markov's inequality on the likelihood ratio), so a match
threshold of t = -log10(FMR) keeps the false match rate. An identification takes the best of N subjects: FPIR ≤ N · FMR
(union bound), so t = log10(N) - log10(FPIR). Examples:

    verification, FMR 1e-6                           MATCH from LLR 6
    identification among 10,000, FPIR 0.01           MATCH from LLR 4 + 2 = 6
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import log10

from biometrics.errors import FieldInvalid
from biometrics.exact_numbers import exact
from fusion.evidence.evidence import Evidence


class Outcome(StrEnum):
    """The answer of a decision."""

    MATCH = "MATCH"
    NO_MATCH = "NO_MATCH"
    REVIEW = "REVIEW"


class DecisionReason(StrEnum):
    """Why a decision is what it is; fusion/README.md says when each applies."""

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
    EVIDENCE_NOT_ENOUGH = "EVIDENCE_NOT_ENOUGH"


MOST_FPIR = 0.5
"""The highest false positive identification rate that can be asked for."""

ROUNDING = 1e-9
"""Tolerance of LLRs, as sums of the same terms in another order differ in their last digits."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Fused LLRs at which MATCH and REVIEW begin, and the error rate they keep.

    Args:
        match_llr: MATCH from this LLR on.
        review_llr: REVIEW from this LLR on, below `match_llr`; NO_MATCH below it.
        fmr: the false match rate asked for in a verification, else None.
        fpir: the false positive identification rate asked for in an identification, else None.
    """

    match_llr: float
    review_llr: float
    fmr: float | None = None
    fpir: float | None = None

    @classmethod
    def at_fmr(cls, fmr: float, review_band_llr: float) -> Thresholds:
        """Thresholds of a verification.

        Raises:
            FieldInvalid: the rate is outside 1e-9 to 0.1.
        """
        check_rate("fmr", fmr, 0.1)
        return cls(-log10(fmr), max(0.0, -log10(fmr) - review_band_llr), fmr=fmr)

    @classmethod
    def at_fpir(cls, fpir: float, subject_count: int, review_band_llr: float) -> Thresholds:
        """Thresholds of an identification among `subject_count` subjects.

        Raises:
            FieldInvalid: the rate is outside 1e-9 to 0.5.
        """
        check_rate("fpir", fpir, MOST_FPIR)
        match_llr = log10(max(1, subject_count)) - log10(fpir)
        return cls(match_llr, max(0.0, match_llr - review_band_llr), fpir=fpir)

    def outcome(self, llr: float) -> Outcome:
        """The outcome by the fused LLR alone."""
        if llr >= self.match_llr - ROUNDING:
            return Outcome.MATCH
        return Outcome.REVIEW if llr >= self.review_llr - ROUNDING else Outcome.NO_MATCH


@dataclass(frozen=True, slots=True)
class Decision:
    """One identity decision with everything needed to recompute it.

    Args:
        outcome: MATCH, NO_MATCH or REVIEW.
        llr: fused LLR of the evidence.
        thresholds: the LLRs at which the outcomes begin, and the error rate they keep.
        reasons: most important first, at least one.
        evidence: of every sample, and of every position stated as missing.
        fusion_model_id: the model that fused the evidence.
        observed_fmr: share of non-mated comparisons that reach this LLR, by the rates observed on calibration data,
            0–1; None where unknown.
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
        """Upper bound of the FMR at this LLR: min(1, 10^-llr)."""
        return min(1.0, float(10.0**-self.llr))

    @property
    def dependence_llr(self) -> float:
        """Fused LLR minus the sum of the single LLRs; 0 where all samples are taken as independent."""
        return self.llr - sum(each.llr for each in self.evidence)


def check_rate(field: str, rate: float, most: float) -> None:
    """Check an error rate.

    Raises:
        FieldInvalid: it is outside 1e-9 to `most`.
    """
    if not 1e-9 <= rate <= most:
        raise FieldInvalid(field, f"1e-9 to {exact(most)} is allowed.")
