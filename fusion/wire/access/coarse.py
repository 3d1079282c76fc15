"""How much of an answer leaves: scores and LLRs made coarse, or left out, so that no one learns to climb to a match.

An attacker who sees how each small change of a sample changes the score can climb to a MATCH with a subject whose
samples it never had (hill climbing: ISO/IEC 30107-1, Soutar 1999). Steps make the climb blind. Outcomes are not
touched: they were decided on the full values, which records keep.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, floor, inf, log10
from typing import Any

from biofusion.fusion.v1 import decisions_pb2, jobs_pb2, subjects_pb2
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import comparison_pb2, decision_pb2

from fusion.access.policy import Detail
from fusion.requests.parallel import computed

STEP_LLR = 0.5

TOLERANCE = 1e-9
"""So that a value on a step stays there."""

OF_DECISION = ("llr", "fmr_bound", "observed_fmr", "dependence_llr")
OF_EVIDENCE = ("comparison", "reference_position", "comparison_count", "model_id", "contribution_llr", "likenesses")
OF_SEARCH = ("runner_up_gap_llr", "unseen_max_llr")
"""Fields that say how alike samples are to a subject."""

NAMED = (
    decisions_pb2.IdentifySubjectsResponse,
    decisions_pb2.CheckDuplicatesResponse,
    subjects_pb2.DuplicateCheck,
    jobs_pb2.JobResult,
)
"""Messages that have candidates."""


async def lessened(response: Any, detail: Detail) -> Any:
    """The answer, changed in place to tell no more than `detail`."""
    if detail is not Detail.FULL and response is not None:
        parts = list(_parts(response))
        steps = sum(1 + len(each.evidence) for part in parts for each in _decisions(part))
        await computed(steps, _lessen, parts, detail)
    return response


def _lessen(parts: Iterable[Any], detail: Detail) -> None:
    for part in parts:
        if detail is Detail.OUTCOME:
            _only_outcomes(part)
        else:
            _coarse(part)


def _parts(response: Any) -> Iterator[Any]:
    """The messages in an answer that have decisions."""
    match response:
        case decisions_pb2.VerifySubjectResponse() | decisions_pb2.FuseScoresResponse():
            yield response
        case subjects_pb2.EnrollSubjectResponse():
            yield from response.duplicate_checks
        case jobs_pb2.ListJobResultsResponse():
            yield from response.results
        case _ if isinstance(response, NAMED):
            yield response
        case _ if isinstance(getattr(response, "review_case", None), review_pb2.ReviewCase):
            yield response.review_case


def _decisions(part: Any) -> Iterator[decision_pb2.Decision]:
    if not isinstance(part, jobs_pb2.JobResult) and part.HasField("decision"):
        yield part.decision
    if isinstance(part, NAMED):
        for each in part.candidates:
            yield each.decision


def _coarse(part: Any) -> None:
    for decision in _decisions(part):
        threshold = decision.match_threshold_llr
        decision.llr = threshold + step(decision.llr - threshold)
        decision.fmr_bound = power_of_ten(decision.fmr_bound)
        decision.dependence_llr = step(decision.dependence_llr)
        if decision.HasField("observed_fmr"):
            decision.observed_fmr = power_of_ten(decision.observed_fmr)
        for each in decision.evidence:
            _coarse_evidence(each)
    _clear_probabilities(part)
    if isinstance(part, decisions_pb2.IdentifySubjectsResponse):
        if part.HasField("runner_up_gap_llr"):
            part.runner_up_gap_llr = step(part.runner_up_gap_llr)
        if part.HasField("unseen_max_llr"):
            part.unseen_max_llr = step(part.unseen_max_llr)


def _coarse_evidence(evidence: decision_pb2.Evidence) -> None:
    if evidence.HasField("comparison"):
        _coarse_comparison(evidence.comparison)
    if evidence.HasField("contribution_llr"):
        evidence.contribution_llr = step(evidence.contribution_llr)
    for each in evidence.likenesses:
        each.ClearField("rho")
        _coarse_comparison(each.comparison)


def _coarse_comparison(comparison: comparison_pb2.Comparison) -> None:
    comparison.ClearField("score")
    comparison.llr, comparison.fmr = step(comparison.llr), power_of_ten(comparison.fmr)


def _only_outcomes(part: Any) -> None:
    """Outcome, reasons and target; of samples, whether they could be used; no candidate whose outcome is NO_MATCH."""
    if isinstance(part, NAMED):
        for number in reversed(range(len(part.candidates))):
            if part.candidates[number].decision.outcome == decision_pb2.OUTCOME_NO_MATCH:
                del part.candidates[number]
    _clear_probabilities(part)
    if isinstance(part, decisions_pb2.IdentifySubjectsResponse):
        _clear(part, OF_SEARCH)
    for decision in _decisions(part):
        _clear(decision, OF_DECISION)
        for evidence in decision.evidence:
            _clear(evidence, OF_EVIDENCE)


def _clear_probabilities(part: Any) -> None:
    """They tell an LLR to all its digits."""
    if isinstance(part, decisions_pb2.IdentifySubjectsResponse):
        part.ClearField("none_posterior")
    if isinstance(part, review_pb2.ReviewCase):
        part.ClearField("posterior")
    if isinstance(part, NAMED):
        for each in part.candidates:
            each.ClearField("posterior")


def _clear(message: Any, names: Iterable[str]) -> None:
    for name in names:
        message.ClearField(name)


def step(llr: float) -> float:
    """The LLR rounded down to a multiple of 0.5."""
    return STEP_LLR * floor(llr / STEP_LLR + TOLERANCE) if abs(llr) < inf else llr


def power_of_ten(rate: float) -> float:
    """The rate rounded up to a power of ten; 0 stays 0."""
    return float(10.0 ** ceil(log10(rate) - TOLERANCE)) if 0.0 < rate < inf else rate
