"""gRPC servicer of `FusionService`: converts, calls one use case, converts back."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc
from biofusion.fusion.v1 import fusion_pb2, fusion_pb2_grpc

from biometrics.errors import FieldInvalid
from fusion.models.caller_scores import JointModel
from fusion.models.model import FusionModel
from fusion.models.uploads import UploadedModels
from fusion.requests.idempotence import check_request_id, digest_of
from fusion.requests.parallel import computed
from fusion.requests.read_your_writes import wait_until_seen
from fusion.samples.probes import Matchers
from fusion.samples.quality_gate import MinQuality
from fusion.use_cases.enroll import check_samples, enroll
from fusion.use_cases.identify import identify
from fusion.use_cases.subject_reads import SubjectReader
from fusion.use_cases.verify import verify
from fusion.wire import answers, requests
from gallery.store.port import ConsistencyToken, SubjectStore
from gallery.subject import check_id
from infra.deadlines import Deadline

NAME = fusion_pb2.DESCRIPTOR.services_by_name["FusionService"].full_name

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
MAX_SCORES = 1000

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class FusionServicer(fusion_pb2_grpc.FusionServiceServicer):
    """Enrols people and decides who they are.

    Args:
        matchers: the matching services.
        store: the store of enrolled subjects.
        model: the built-in fusion model.
        default_deadline_s: seconds for a call whose caller states no deadline.
        min_quality: the lowest quality that is enrolled, 0–100, by modality.
        uploaded: the fusion models that callers uploaded.
    """

    def __init__(
        self,
        matchers: Matchers,
        store: SubjectStore,
        model: FusionModel,
        default_deadline_s: float,
        min_quality: MinQuality,
        uploaded: UploadedModels,
    ) -> None:
        self._matchers = matchers
        self._store = store
        self._subjects = SubjectReader(store)
        self._model = model
        self._default_deadline_s = default_deadline_s
        self._min_quality = min_quality
        self._uploaded = uploaded

    async def EnrollSubject(
        self, request: fusion_pb2.EnrollSubjectRequest, context: Context
    ) -> fusion_pb2.EnrollSubjectResponse:
        """Enrol one encounter; with validate_only only check its samples."""
        deadline = self._deadline(context)
        enrolment = requests.enrolment_from_wire(request)
        if request.validate_only:
            probes = await check_samples(enrolment.samples, self._matchers, deadline.left_s, self._min_quality)
            return fusion_pb2.EnrollSubjectResponse(reports=map(answers.report_to_wire, probes))
        result = await enroll(enrolment, self._matchers, self._store, deadline.left_s, self._min_quality)
        return fusion_pb2.EnrollSubjectResponse(
            encounter_id=result.encounter_id,
            consistency_token=result.token,
            reports=map(answers.report_to_wire, result.probes),
            replayed=result.replayed,
        )

    async def VerifySubject(
        self, request: fusion_pb2.VerifySubjectRequest, context: Context
    ) -> fusion_pb2.VerifySubjectResponse:
        """Decide about one subject."""
        wanted, deadline = requests.verification_from_wire(request), self._deadline(context)
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), deadline)
        decision = await verify(wanted, self._matchers, self._subjects, self._model, deadline.left_s)
        return fusion_pb2.VerifySubjectResponse(decision=answers.decision_to_wire(decision))

    async def IdentifySubjects(
        self, request: fusion_pb2.IdentifySubjectsRequest, context: Context
    ) -> fusion_pb2.IdentifySubjectsResponse:
        """Decide which subject of a gallery the person is, if any."""
        wanted, deadline = requests.identification_from_wire(request), self._deadline(context)
        await wait_until_seen(self._store, wanted.token, deadline)
        found = await identify(wanted, self._matchers, self._store, self._model, deadline.left_s)
        return await computed(found.size, answers.identification_to_wire, found)

    async def FuseScores(
        self, request: fusion_pb2.FuseScoresRequest, context: Context
    ) -> fusion_pb2.FuseScoresResponse:
        """Decide on scores sent by the caller."""
        if not 1 <= len(request.scores) <= MAX_SCORES:
            raise FieldInvalid("scores", f"1 to {MAX_SCORES} scores are needed.")
        model = await self._chosen(request.fusion_model_id)
        return await computed(10 * len(request.scores), _fused, request, model)

    async def GetSubject(
        self, request: fusion_pb2.GetSubjectRequest, context: Context
    ) -> fusion_pb2.GetSubjectResponse:
        """Read a subject, without templates."""
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), self._deadline(context))
        subject = await self._store.get(check_id(request.subject_id, "subject_id"))
        return fusion_pb2.GetSubjectResponse(subject=answers.subject_to_wire(subject))

    async def ListSubjects(
        self, request: fusion_pb2.ListSubjectsRequest, context: Context
    ) -> fusion_pb2.ListSubjectsResponse:
        """List subjects in order of id."""
        await wait_until_seen(self._store, ConsistencyToken(request.consistency_token), self._deadline(context))
        if not 0 <= request.page_size <= MAX_PAGE_SIZE:
            raise FieldInvalid("page_size", f"1 to {MAX_PAGE_SIZE} is allowed.")
        if request.gallery:
            check_id(request.gallery, "gallery")
        page = await self._store.list(request.page_size or DEFAULT_PAGE_SIZE, request.page_token, request.gallery)
        return fusion_pb2.ListSubjectsResponse(
            subjects=map(answers.subject_to_wire, page.subjects),
            next_page_token=page.next_page_token,
            total_count=await self._store.count(request.gallery),
        )

    async def DeleteSubject(
        self, request: fusion_pb2.DeleteSubjectRequest, context: Context
    ) -> fusion_pb2.DeleteSubjectResponse:
        """Erase a subject."""
        subject_id, request_id = check_id(request.subject_id, "subject_id"), check_request_id(request.request_id)
        digest = digest_of([b"delete", subject_id.encode()])
        receipt = await self._store.delete(subject_id, request_id, digest)
        return fusion_pb2.DeleteSubjectResponse(consistency_token=receipt.token, replayed=receipt.replayed)

    async def GetFusionModel(
        self, request: fusion_pb2.GetFusionModelRequest, context: Context
    ) -> fusion_pb2.GetFusionModelResponse:
        """Return the built-in fusion model."""
        return fusion_pb2.GetFusionModelResponse(model=answers.model_to_wire(self._model))

    async def UploadFusionModel(
        self, request: fusion_pb2.UploadFusionModelRequest, context: Context
    ) -> fusion_pb2.UploadFusionModelResponse:
        """Store a fusion model of the caller."""
        model, replayed = await self._uploaded.upload(request.model_json, request.request_id)
        return fusion_pb2.UploadFusionModelResponse(model=answers.uploaded_to_wire(model), replayed=replayed)

    async def ListFusionModels(
        self, request: fusion_pb2.ListFusionModelsRequest, context: Context
    ) -> fusion_pb2.ListFusionModelsResponse:
        """List the uploaded fusion models."""
        models, token = await self._uploaded.page(request.page_size, request.page_token)
        wire = map(answers.uploaded_to_wire, models)
        return fusion_pb2.ListFusionModelsResponse(models=wire, next_page_token=token)

    async def DeleteFusionModel(
        self, request: fusion_pb2.DeleteFusionModelRequest, context: Context
    ) -> fusion_pb2.DeleteFusionModelResponse:
        """Delete an uploaded fusion model."""
        replayed = await self._uploaded.delete(request.fusion_model_id, request.request_id)
        return fusion_pb2.DeleteFusionModelResponse(replayed=replayed)

    async def _chosen(self, fusion_model_id: str) -> FusionModel | JointModel:
        return JointModel(await self._uploaded.get(fusion_model_id), self._model) if fusion_model_id else self._model

    def _deadline(self, context: Context) -> Deadline:
        left = context.time_remaining()
        return Deadline.after(self._default_deadline_s if left is None else left)


def _fused(request: fusion_pb2.FuseScoresRequest, model: FusionModel | JointModel) -> fusion_pb2.FuseScoresResponse:
    evidence = model.merged(requests.scores_from_wire(request.scores, model))
    missing = requests.missing_evidence_from_wire(request.missing, evidence)
    decision = model.verification((*evidence, *missing), request.fmr)
    return fusion_pb2.FuseScoresResponse(decision=answers.decision_to_wire(decision))
