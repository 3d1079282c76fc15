"""gRPC servicer of `DecisionService`: verification, identification, and decisions on the caller's scores."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TypeAlias, TypeVar

import grpc
from biofusion.fusion.v1 import decisions_pb2, decisions_pb2_grpc

from biometrics.errors import FieldInvalid
from fusion.access.enough import checked_decision, checked_search
from fusion.access.grant import needed
from fusion.decision.counted import claimed_counted, counted
from fusion.models.caller_scores import JointModel
from fusion.models.model import FusionModel
from fusion.models.uploads import UploadedModels
from fusion.requests.parallel import computed
from fusion.requests.read_your_writes import wait_until_seen
from fusion.samples.probes import Matchers
from fusion.shadow.decisions import Beside, Operation
from fusion.shadow.recorder import Recorder
from fusion.use_cases.check_duplicates import DuplicatesRequest, check_duplicates
from fusion.use_cases.explain import explain_evidence
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.subject_reads import SubjectReader
from fusion.use_cases.verify import verify
from fusion.wire import answers, explanations, requests, searches
from fusion.wire.reviewing import Reviewing
from fusion.wire.shadowing import agreement_to_wire, other_from_wire
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from infra.deadlines import Deadline
from infra.identity.remarks import remark
from infra.serving.request_ids import current_request_id
from infra.wire.convert import stated

NAME = decisions_pb2.DESCRIPTOR.services_by_name["DecisionService"].full_name

MAX_SCORES = 1000
"""Most scores of one call."""

Context: TypeAlias = "grpc.aio.ServicerContext[object, object]"


Search = TypeVar("Search", IdentificationRequest, DuplicatesRequest)


class DecisionServicer(decisions_pb2_grpc.DecisionServiceServicer):
    """Decides who people are. Stores nothing.

    Args:
        matchers: the matching services.
        store: the store of enrolled subjects.
        model: the built-in fusion model.
        default_deadline_s: seconds for a call whose caller states no deadline.
        uploaded: the fusion models that callers uploaded.
        recorder: records decisions of other systems; None: they are not recorded.
        reviewing: opens review cases; None: nobody does.
    """

    def __init__(
        self,
        matchers: Matchers,
        store: SubjectStore,
        model: FusionModel,
        default_deadline_s: float,
        uploaded: UploadedModels,
        recorder: Recorder | None = None,
        reviewing: Reviewing | None = None,
    ) -> None:
        self._matchers = matchers
        self._reviewing = reviewing
        self._store = store
        self._subjects = SubjectReader(store)
        self._model = model
        self._default_deadline_s = default_deadline_s
        self._uploaded = uploaded
        self._recorder = recorder

    async def VerifySubject(
        self, request: decisions_pb2.VerifySubjectRequest, context: Context
    ) -> decisions_pb2.VerifySubjectResponse:
        """Decide about one subject."""
        other = other_from_wire(request, self._recorder)
        deadline = self._deadline(context)
        wanted = await requests.verification_from_wire(request)
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), deadline)
        decision = await verify(wanted, self._matchers, self._subjects, self._model, deadline.left_s)
        decision = checked_decision(decision, *needed())
        counted("verify", decision)
        claimed_counted(decision)
        if other and self._recorder:
            self._recorder.record(Beside.of_verification(other, decision, wanted.subject_id, current_request_id.get()))
        response = decisions_pb2.VerifySubjectResponse(decision=answers.decision_to_wire(decision))
        if self._reviewing:
            await self._reviewing.verified(request, response, deadline.left_s)
        return response

    async def IdentifySubjects(
        self, request: decisions_pb2.IdentifySubjectsRequest, context: Context
    ) -> decisions_pb2.IdentifySubjectsResponse:
        """Decide which subject of a gallery the person is, if any."""
        other = other_from_wire(request, self._recorder)
        deadline = self._deadline(context)
        wanted = await self._resolved(await searches.identification_from_wire(request))
        await wait_until_seen(self._store, wanted.token, deadline)
        found = await identify(wanted, self._matchers, self._store, self._model, deadline.left_s)
        found = checked_search(found, *needed())
        counted("identify", found.decision)
        if other and self._recorder:
            facts = (wanted.gallery, found.decision, found.subject_id, current_request_id.get())
            self._recorder.record(Beside(other, Operation.IDENTIFY, *facts))
        remark(search=asdict(found.facts))
        response = await computed(found.size, answers.identification_to_wire, found)
        if self._reviewing:
            await self._reviewing.searched(request, response, deadline.left_s)
        return response

    async def CheckDuplicates(
        self, request: decisions_pb2.CheckDuplicatesRequest, context: Context
    ) -> decisions_pb2.CheckDuplicatesResponse:
        """Decide whether other subjects of a gallery are the same person."""
        deadline = self._deadline(context)
        wanted = await self._resolved(await searches.duplicates_from_wire(request))
        await wait_until_seen(self._store, wanted.token, deadline)
        found = await check_duplicates(wanted, self._matchers, self._store, self._model, deadline.left_s)
        found = checked_search(found, *needed())
        counted("duplicates", found.decision)
        response = await computed(found.size, answers.duplicates_to_wire, found)
        if self._reviewing:
            await self._reviewing.searched(request, response, deadline.left_s)
        return response

    async def ExplainEvidence(
        self, request: decisions_pb2.ExplainEvidenceRequest, context: Context
    ) -> decisions_pb2.ExplainEvidenceResponse:
        """Show what one sample and a subject have in common."""
        deadline = self._deadline(context)
        wanted = await explanations.explanation_from_wire(request)
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), deadline)
        found = await explain_evidence(wanted, self._matchers, self._store, self._model, deadline.left_s)
        return explanations.explanation_to_answer(found)

    async def GetAgreement(
        self, request: decisions_pb2.GetAgreementRequest, context: Context
    ) -> decisions_pb2.GetAgreementResponse:
        """How often the decisions of this service and of another system agreed."""
        return agreement_to_wire(self._recorder, request.system)

    async def FuseScores(
        self, request: decisions_pb2.FuseScoresRequest, context: Context
    ) -> decisions_pb2.FuseScoresResponse:
        """Decide on scores sent by the caller."""
        if not 1 <= len(request.scores) <= MAX_SCORES:
            sent = len(request.scores)
            raise FieldInvalid("scores", f"1 to {MAX_SCORES} are needed, {sent} were sent.", limit=str(MAX_SCORES))
        model = await self._chosen(request.fusion_model_id)
        return await computed(10 * len(request.scores), _fused, request, model)

    async def _chosen(self, fusion_model_id: str) -> FusionModel | JointModel:
        if fusion_model_id in ("", self._model.fusion_model_id):
            return self._model
        return JointModel(await self._uploaded.get(fusion_model_id), self._model)

    async def _resolved(self, wanted: Search) -> Search:
        """The search of the gallery that an alias stands for."""
        gallery = await self._store.resolve(wanted.gallery)
        remark(gallery=gallery)
        return replace(wanted, gallery=gallery)

    def _deadline(self, context: Context) -> Deadline:
        return Deadline.of_call(context.time_remaining(), self._default_deadline_s)


def _fused(
    request: decisions_pb2.FuseScoresRequest, model: FusionModel | JointModel
) -> decisions_pb2.FuseScoresResponse:
    evidence = model.merged(requests.scores_from_wire(request.scores, model))
    missing = requests.missing_evidence_from_wire(request.missing, evidence)
    decision = model.verification((*evidence, *missing), stated(request, "fmr", request.fmr))
    counted("fuse", decision)
    return decisions_pb2.FuseScoresResponse(decision=answers.decision_to_wire(decision))
