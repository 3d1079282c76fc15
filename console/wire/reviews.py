"""The review service, as the pages ask it."""

from __future__ import annotations

from typing import Any

from biofusion.review.v1 import review_pb2 as wire
from biofusion.type.v1 import decision_pb2, sample_pb2

from console.people.person import Person
from console.values.cases import Case, Decided, Event, Finding, Given, Held
from console.values.samples import CANDIDATE, PROBE, Sample, tabs_of
from console.wire.calls import Calls
from console.wire.names import modality, name, position, time_of

PAGE_SIZE = 25
ENDED = (wire.REVIEW_STATE_CLOSED, wire.REVIEW_STATE_EXPIRED, wire.REVIEW_STATE_WITHDRAWN)
VIEWS = {"free": wire.REVIEW_VIEW_FREE, "mine": wire.REVIEW_VIEW_MINE, "disputed": wire.REVIEW_VIEW_DISPUTED}


class Reviews:
    """Review cases. All methods raise CallFailed.

    Args:
        calls: to the services.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def queue(self, person: Person, view: str, page: str) -> tuple[list[Case], str]:
        """A page of a view, `free`, `mine` or `disputed`, and where the next one begins; "" after the last."""
        request = wire.ListReviewCasesRequest(view=VIEWS[view], page_size=PAGE_SIZE, page_token=page)
        return await self._listed(person, request)

    async def ended(self, person: Person, page: str) -> tuple[list[Case], str]:
        """A page of the cases that have ended."""
        return await self._listed(
            person, wire.ListReviewCasesRequest(states=ENDED, page_size=PAGE_SIZE, page_token=page)
        )

    async def case(self, person: Person, case_id: str) -> Case:
        """A case, as far as the person may see it."""
        request = wire.GetReviewCaseRequest(name=_name(case_id))
        return await self._one(self._calls.review.GetReviewCase, request, person, case_id)

    async def claim(self, person: Person, case_id: str, *, as_supervisor: bool) -> Case:
        """Claim a case, or renew its lease; with "" the most urgent one that the person can claim."""
        role = wire.REVIEW_ROLE_SUPERVISOR if as_supervisor else wire.REVIEW_ROLE_REVIEWER
        request = wire.ClaimReviewCaseRequest(name=_name(case_id) if case_id else "", role=role)
        return await self._one(self._calls.review.ClaimReviewCase, request, person, case_id)

    async def give_back(self, person: Person, case_id: str) -> Case:
        """Give a case back without a verdict."""
        request = wire.GiveBackReviewCaseRequest(name=_name(case_id))
        return await self._one(self._calls.review.GiveBackReviewCase, request, person, case_id)

    async def decide(self, person: Person, case_id: str, etag: str, verdict: str, reason: str, note: str) -> Case:
        """Give a verdict on the version of a case that was shown."""
        request = wire.DecideReviewCaseRequest(
            name=_name(case_id),
            etag=etag,
            verdict=wire.Verdict.Value(f"VERDICT_{verdict}"),
            reason=wire.VerdictReason.Value(f"VERDICT_REASON_{reason}"),
            note=note,
        )
        return await self._one(self._calls.review.DecideReviewCase, request, person, case_id)

    async def sealed(self, person: Person, case_id: str, sample: Sample) -> tuple[bytes, Any]:
        """The sealed picture of a sample, b"" if there is none, and its template, None if there is none."""
        side = wire.REVIEW_SIDE_PROBE if sample.side == PROBE else wire.REVIEW_SIDE_CANDIDATE
        request = wire.OpenSealedSampleRequest(name=_name(case_id), side=side, sample_index=sample.index)
        answer = await self._calls.ask(self._calls.review.OpenSealedSample, request, person, case=_name(case_id))
        return answer.image, answer.template if answer.HasField("template") else None

    async def _listed(self, person: Person, request: Any) -> tuple[list[Case], str]:
        answer = await self._calls.ask(self._calls.review.ListReviewCases, request, person)
        return [_case(each) for each in answer.review_cases], answer.next_page_token

    async def _one(self, method: Any, request: Any, person: Person, case_id: str) -> Case:
        answer = await self._calls.ask(method, request, person, case=_name(case_id) if case_id else "")
        return _case(answer.review_case)


def _name(case_id: str) -> str:
    return f"reviewCases/{case_id}"


def _case(case: wire.ReviewCase) -> Case:
    sides = ((PROBE, case.probe_samples), (CANDIDATE, case.candidate_samples))
    samples = tuple(_sample(side, index, each) for side, listed in sides for index, each in enumerate(listed))
    is_told = not case.is_blind
    return Case(
        id=case.name.removeprefix("reviewCases/"),
        state=name(wire.ReviewState, case.state),
        etag=case.etag,
        priority=case.priority,
        created=time_of(case, "create_time"),
        updated=time_of(case, "update_time"),
        due=time_of(case, "due_time"),
        expires=time_of(case, "expire_time"),
        sealed_until=time_of(case, "sealed_expire_time"),
        gallery=case.gallery,
        subject_id=case.subject_id,
        caller_reference=case.caller_reference,
        opened_by=case.opened_by,
        held=_held(case.claim) if case.HasField("claim") else None,
        actions=frozenset(name(wire.ReviewAction, each) for each in case.actions),
        resolution=name(wire.Verdict, case.resolution),
        is_blind=case.is_blind,
        samples=samples,
        findings=_findings(case),
        decided=_decided(case.decision) if is_told and case.HasField("decision") else None,
        rank=case.rank if is_told and case.HasField("rank") else None,
        posterior=case.posterior if is_told and case.HasField("posterior") else None,
        verdicts=tuple(map(_given, case.verdicts)) if is_told else (),
        history=tuple(
            Event(time_of(each, "create_time"), name(wire.ReviewState, each.state), each.actor) for each in case.history
        ),
        tabs=tabs_of(samples),
    )


def _sample(side: str, index: int, sample: wire.ReviewSample) -> Sample:
    place = modality(sample.modality), "FACE" if modality(sample.modality) == "FACE" else position(sample.position)
    return Sample(side, index, *place, sample.image_reference, sample.has_image, sample.has_template)


def _held(claim: wire.Claim) -> Held:
    return Held(claim.reviewer, name(wire.ReviewRole, claim.role), time_of(claim, "lease_end_time"), claim.is_mine)


def _given(verdict: wire.GivenVerdict) -> Given:
    words = name(wire.Verdict, verdict.verdict), name(wire.VerdictReason, verdict.reason)
    role = name(wire.ReviewRole, verdict.role)
    return Given(verdict.reviewer, role, *words, verdict.note, time_of(verdict, "create_time"))


def _findings(case: wire.ReviewCase) -> tuple[Finding, ...]:
    """With scores from the decision once it is told, else without."""
    is_told = not case.is_blind and case.HasField("decision")
    return tuple(_finding(each, is_told=is_told) for each in (case.decision.evidence if is_told else case.evidence))


def _finding(evidence: decision_pb2.Evidence, *, is_told: bool) -> Finding:
    has_score = is_told and evidence.HasField("comparison")
    adds = is_told and evidence.HasField("contribution_llr")
    return Finding(
        modality(evidence.modality),
        "FACE" if modality(evidence.modality) == "FACE" else position(evidence.position),
        position(evidence.reference_position) if evidence.reference_position else "",
        name(decision_pb2.EvidenceStatus, evidence.status),
        evidence.quality if evidence.HasField("quality") else None,
        tuple(name(sample_pb2.QualityReason, each) for each in evidence.quality_reasons),
        evidence.comparison.llr if has_score else None,
        evidence.contribution_llr if adds else None,
        evidence.comparison.fmr if has_score else None,
    )


def _decided(decision: decision_pb2.Decision) -> Decided:
    return Decided(
        name(decision_pb2.Outcome, decision.outcome),
        decision.llr,
        decision.match_threshold_llr,
        decision.review_threshold_llr,
        tuple(name(decision_pb2.DecisionReason, each) for each in decision.reasons),
    )
