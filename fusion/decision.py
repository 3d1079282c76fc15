"""MATCH, NO_MATCH or REVIEW at a stated error rate.

With calibrated LLRs, P(LLR ≥ t | impostor) ≤ 10^-t (Markov's inequality on the likelihood ratio), so
MATCH from t = -log10(FMR) on keeps the false match rate. In identification the best of N impostors
counts: FPIR ≤ N · FMR, so t = log10(N) - log10(FPIR).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log10

from biometrics.errors import FieldInvalid
from fusion.evidence import Evidence, EvidenceStatus, fused_llr

CONTRADICTION_LLR = 2.0
"""A modality at or below minus this, in spite of a fused match, is a contradiction a person must look at."""


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


@dataclass(frozen=True, slots=True)
class Decision:
    """One identity decision with all it rests on.

    Args:
        outcome: what was decided.
        llr: sum of the evidence's LLRs.
        thresholds: where the answers begin, and the error rate behind it.
        reasons: most important first, at least one.
        evidence: one per position.
        fusion_model_id: which model decided.
    """

    outcome: Outcome
    llr: float
    thresholds: Thresholds
    reasons: tuple[DecisionReason, ...]
    evidence: tuple[Evidence, ...]
    fusion_model_id: str

    @property
    def fmr_bound(self) -> float:
        """min(1, 10^-llr): no more than this share of impostors reaches this LLR."""
        return min(1.0, float(10.0**-self.llr))


def decide(
    evidence: Sequence[Evidence], thresholds: Thresholds, fusion_model_id: str, best_possible_llr: float
) -> Decision:
    """Decide about one subject.

    Args:
        evidence: one per position, independent of each other.
        thresholds: where the answers begin.
        fusion_model_id: goes into the decision.
        best_possible_llr: the most that evidence which could not be obtained might have added, 0 or more.
    """
    llr = fused_llr(evidence)
    outcome, reasons = _outcome(evidence, llr, thresholds)
    obstacles = _obstacles(evidence)
    if outcome is Outcome.NO_MATCH and obstacles and llr + best_possible_llr >= thresholds.review_llr:
        outcome, reasons = Outcome.REVIEW, obstacles + reasons
    else:
        reasons += obstacles
    return Decision(outcome, llr, thresholds, reasons, tuple(evidence), fusion_model_id)


def _outcome(
    evidence: Sequence[Evidence], llr: float, thresholds: Thresholds
) -> tuple[Outcome, tuple[DecisionReason, ...]]:
    if not any(each.comparison for each in evidence):
        return Outcome.REVIEW, (DecisionReason.NOTHING_COMPARED,)
    if llr >= thresholds.match_llr:
        if _contradicts(evidence):
            return Outcome.REVIEW, (DecisionReason.CONTRADICTION, DecisionReason.STRONG_EVIDENCE)
        return Outcome.MATCH, (DecisionReason.STRONG_EVIDENCE,)
    if llr >= thresholds.review_llr:
        return Outcome.REVIEW, (DecisionReason.REVIEW_BAND,)
    return Outcome.NO_MATCH, (DecisionReason.WEAK_EVIDENCE,)


def _contradicts(evidence: Iterable[Evidence]) -> bool:
    by_modality: dict[str, float] = {}
    for each in evidence:
        by_modality[each.modality] = by_modality.get(each.modality, 0.0) + each.llr
    return min(by_modality.values()) <= -CONTRADICTION_LLR


def _obstacles(evidence: Iterable[Evidence]) -> tuple[DecisionReason, ...]:
    obstacles = {
        EvidenceStatus.SERVICE_UNAVAILABLE: DecisionReason.SERVICE_UNAVAILABLE,
        EvidenceStatus.SAMPLE_UNUSABLE: DecisionReason.SAMPLE_UNUSABLE,
    }
    statuses = {each.status for each in evidence}
    return tuple(reason for status, reason in obstacles.items() if status in statuses)


def _check_rate(field: str, rate: float, most: float) -> None:
    if not 1e-9 <= rate <= most:
        raise FieldInvalid(field, f"1e-9 to {most:g} is allowed.")
