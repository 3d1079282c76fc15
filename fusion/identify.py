"""Who of a gallery is this? Searches every modality, completes what is missing by comparison, decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from biometrics.errors import FieldInvalid, ServiceUnavailable
from biometrics.sample import Sample
from fusion.decision import Decision, DecisionReason, Outcome
from fusion.evidence import Evidence, independent
from fusion.matchers import Hit
from fusion.model import FusionModel
from fusion.probes import Matchers, Probe, compared, extract_probes, in_parallel, missing_evidence, require_usable
from gallery.store import START, ConsistencyToken, SubjectStore
from gallery.subject import DEFAULT_GALLERY, Missing, check_id

SEARCH_LIMIT = 100
"""Candidates taken from each probe's search. The fused list rests on their union."""

MAX_CANDIDATES = 100
DEFAULT_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class IdentificationRequest:
    """Whom to look for, where, and how sure to be.

    Args:
        samples: 1–64.
        missing: positions without a sample.
        gallery: "" means "default".
        limit: most candidates returned, 1–100; 0 means 10.
        fpir: false positive identification rate; 0 means the default.
        token: a write that must be seen.

    Raises:
        FieldInvalid: a gallery name or limit that cannot be.
    """

    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()
    gallery: str = DEFAULT_GALLERY
    limit: int = 0
    fpir: float = 0.0
    token: ConsistencyToken = START

    def __post_init__(self) -> None:
        check_id(self.gallery, "gallery")
        if not 0 <= self.limit <= MAX_CANDIDATES:
            raise FieldInvalid("max_candidate_count", f"1 to {MAX_CANDIDATES} is allowed.")


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer.

    Args:
        decision: about the best candidate, or that there is none.
        subject_id: the best candidate of a MATCH or REVIEW, else "".
        candidates: subject id and decision of each whose outcome is MATCH or REVIEW, best first.
        subject_count: subjects in the gallery.
    """

    decision: Decision
    subject_id: str
    candidates: tuple[tuple[str, Decision], ...]
    subject_count: int


async def identify(
    request: IdentificationRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, timeout_s: float
) -> Identification:
    """Search, complete, fuse, decide.

    1. Extract every sample.
    2. Search the gallery with every template.
    3. Score every template against the candidates that only the others returned.
    4. Add up each candidate's evidence, rank, decide at FPIR over the gallery's size.

    Raises:
        AcquisitionFailed, ServiceUnavailable: no sample at all can be searched.
        FieldInvalid: no sample, or a rate out of range.
    """
    probes = await extract_probes(request.samples, matchers, timeout_s * 0.5)
    require_usable(probes)
    searched = await in_parallel(_search(probe, request, matchers, timeout_s * 0.25) for probe in probes)
    require_usable([each.probe for each in searched])
    subject_ids = sorted({subject_id for each in searched for subject_id in each.hits})
    completed = await in_parallel(_complete(each, subject_ids, request, matchers, timeout_s * 0.2) for each in searched)
    scored = [_scored(each, model) for each in completed]
    subject_count = await store.count(request.gallery)
    decisions = {
        subject_id: model.identification(_evidence(subject_id, scored, request.missing), request.fpir, subject_count)
        for subject_id in subject_ids
    }
    ranked = sorted(decisions.items(), key=lambda item: (-item[1].llr, item[0]))
    candidates = tuple(each for each in ranked if each[1].outcome is not Outcome.NO_MATCH)
    if candidates:
        return _answer(candidates, request.limit or DEFAULT_CANDIDATES, subject_count)
    nobody = model.identification(_evidence("", scored, request.missing), request.fpir, subject_count)
    hidden = subject_count > len(ranked) and 0 < model.unobtained_llr(nobody.evidence) >= nobody.thresholds.review_llr
    return Identification(_nobody(ranked[0][1] if ranked else nobody, hidden=hidden), "", (), subject_count)


@dataclass(frozen=True, slots=True)
class _Searched:
    probe: Probe
    hits: Mapping[str, Hit]


@dataclass(frozen=True, slots=True)
class _Scored:
    probe: Probe
    evidence: Mapping[str, Evidence]


async def _search(probe: Probe, request: IdentificationRequest, matchers: Matchers, timeout_s: float) -> _Searched:
    if not probe.template:
        return _Searched(probe, {})
    try:
        hits = await matchers[probe.modality].search(
            probe.as_sample, request.gallery, SEARCH_LIMIT, request.token, timeout_s
        )
    except ServiceUnavailable as error:
        return _Searched(probe.failed(error), {})
    return _Searched(probe, {hit.subject_id: hit for hit in hits})


async def _complete(
    searched: _Searched,
    subject_ids: Sequence[str],
    request: IdentificationRequest,
    matchers: Matchers,
    timeout_s: float,
) -> _Searched:
    unscored = [subject_id for subject_id in subject_ids if subject_id not in searched.hits]
    if not (searched.probe.template and unscored):
        return searched
    matcher = matchers[searched.probe.modality]
    chunks = [unscored[start : start + 1000] for start in range(0, len(unscored), 1000)]
    try:
        scored = await in_parallel(
            matcher.score(searched.probe.as_sample, each, request.token, timeout_s) for each in chunks
        )
    except ServiceUnavailable as error:
        return _Searched(searched.probe.failed(error), {})
    return replace(searched, hits={**searched.hits, **{hit.subject_id: hit for hits in scored for hit in hits}})


def _scored(searched: _Searched, model: FusionModel) -> _Scored:
    evidence = compared(searched.probe, list(searched.hits.values()), model)
    return _Scored(searched.probe, dict(zip(searched.hits, evidence, strict=True)))


def _evidence(subject_id: str, scored: Sequence[_Scored], missing: Sequence[Missing]) -> tuple[Evidence, ...]:
    evidence = [each.evidence.get(subject_id) or each.probe.without_comparison() for each in scored]
    absent = missing_evidence(missing, {(each.probe.modality, each.probe.position) for each in scored})
    return (*independent(evidence), *absent)


def _answer(candidates: tuple[tuple[str, Decision], ...], limit: int, subject_count: int) -> Identification:
    subject_id, decision = candidates[0]
    if len(candidates) > 1 and candidates[1][1].outcome is Outcome.MATCH:
        reasons = (DecisionReason.SEVERAL_CANDIDATES, *decision.reasons)
        decision = replace(decision, outcome=Outcome.REVIEW, reasons=reasons)
    return Identification(decision, subject_id, candidates[:limit], subject_count)


def _nobody(decision: Decision, *, hidden: bool) -> Decision:
    """No candidate is an answer, not ignorance, unless what could not be obtained might alone have found one.

    Args:
        decision: about the best of those compared, or about nobody.
        hidden: a subject that nothing was compared with might be a candidate.
    """
    reasons = tuple(reason for reason in decision.reasons if reason is not DecisionReason.NOTHING_COMPARED)
    outcome = Outcome.REVIEW if hidden else Outcome.NO_MATCH
    return replace(decision, outcome=outcome, reasons=(DecisionReason.NO_CANDIDATE, *reasons))
