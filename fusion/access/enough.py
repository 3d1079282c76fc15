"""Decisions made on less evidence than the gallery asks for: withheld, or for a person to review, never a MATCH."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from biometrics.errors import AccessDenied
from fusion.access.needs import Counts, Needs, counted, told
from fusion.decision.decision import Decision, DecisionReason, Outcome
from fusion.duplicates.found import Duplicates
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.ranking.identification import Identification

Found = TypeVar("Found", Identification, Duplicates)

USABLE = frozenset({EvidenceStatus.COMPARED, EvidenceStatus.REFERENCE_MISSING})
"""Statuses of samples that were used, whether or not there was a reference to compare with."""


def require_enough(counts: Counts, needs: Iterable[Needs], policy: str) -> None:
    """Refuse samples that are less than what is needed.

    Args:
        counts: of different positions, by modality.
        needs: all of which they must meet.
        policy: that asks for it.

    Raises:
        AccessDenied: they are less (reason EVIDENCE_NOT_ENOUGH).
    """
    for each in needs:
        if not each.met_by(counts):
            raise AccessDenied(
                f"Samples that can be used are needed: {each}. There are: {told(counts)}.",
                reason="EVIDENCE_NOT_ENOUGH",
                policy=policy,
                needed=str(each),
            )


def checked_decision(decision: Decision, needs: tuple[Needs, ...], policy: str) -> Decision:
    """The decision; REVIEW in place of a MATCH that too few samples support.

    Raises:
        AccessDenied: too few samples could be used (reason EVIDENCE_NOT_ENOUGH).
    """
    if not needs:
        return decision
    require_enough(_counts(decision, lambda each: each.status in USABLE), needs, policy)
    return _reviewed(decision, needs)


def checked_search(found: Found, needs: tuple[Needs, ...], policy: str) -> Found:
    """The answer of a search, likewise: its decision, and those about its candidates.

    Raises:
        AccessDenied: too few samples could be used (reason EVIDENCE_NOT_ENOUGH).
    """
    if not needs:
        return found
    candidates = tuple(replace(each, decision=_reviewed(each.decision, needs)) for each in found.candidates)
    return replace(found, decision=checked_decision(found.decision, needs, policy), candidates=candidates)


def _reviewed(decision: Decision, needs: tuple[Needs, ...]) -> Decision:
    """Only samples that support the match count: a face and a print that speaks against it are a face alone."""
    supporting = _counts(decision, lambda each: each.comparison is not None and each.llr > 0.0)
    if decision.outcome is not Outcome.MATCH or all(each.met_by(supporting) for each in needs):
        return decision
    return not_enough(decision)


def not_enough(decision: Decision) -> Decision:
    """REVIEW in place of a MATCH."""
    return replace(decision, outcome=Outcome.REVIEW, reasons=(DecisionReason.EVIDENCE_NOT_ENOUGH, *decision.reasons))


def _counts(decision: Decision, counts: Callable[[Evidence], bool]) -> Counts:
    return counted((each.modality, each.position) for each in decision.evidence if each.modality and counts(each))
