"""A fusion service and a face service that know a few answers by heart."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from functools import partial
from typing import Any

import grpc
import numpy as np
from biofusion.face.v1 import face_pb2_grpc
from biofusion.fusion.v1 import (
    decisions_pb2,
    decisions_pb2_grpc,
    fusion_models_pb2,
    fusion_models_pb2_grpc,
    galleries_pb2,
    galleries_pb2_grpc,
    jobs_pb2,
    subjects_pb2,
    subjects_pb2_grpc,
)
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import calibration_pb2, decision_pb2, explanation_pb2, modality_pb2
from google.longrunning import operations_pb2, operations_pb2_grpc
from PIL import Image

from infra.serving.server import Registration
from tests.support.console.made_print import HEIGHT, WIDTH, minutiae

PAIRS, DIFFERING = 11, 0.123
"""What an explanation tells of how alike two samples are."""


def registrations(asked: list[tuple[str, Any]]) -> Iterator[Registration]:
    """All of them; what they are asked is noted."""
    pairs = (
        ("biofusion.fusion.v1.DecisionService", decisions_pb2_grpc.add_DecisionServiceServicer_to_server, Decisions),
        ("biofusion.fusion.v1.SubjectService", subjects_pb2_grpc.add_SubjectServiceServicer_to_server, Subjects),
        ("biofusion.fusion.v1.GalleryService", galleries_pb2_grpc.add_GalleryServiceServicer_to_server, Galleries),
        (
            "biofusion.fusion.v1.FusionModelService",
            fusion_models_pb2_grpc.add_FusionModelServiceServicer_to_server,
            Models,
        ),
        ("google.longrunning.Operations", operations_pb2_grpc.add_OperationsServicer_to_server, Operations),
        ("biofusion.face.v1.FaceService", face_pb2_grpc.add_FaceServiceServicer_to_server, Faces),
    )
    for name, add, kind in pairs:
        yield Registration(name, partial(add, kind(asked)))


class _Known:
    """Notes what it is asked.

    Args:
        asked: where.
    """

    def __init__(self, asked: list[tuple[str, Any]]) -> None:
        self._asked = asked


class Decisions(_Known, decisions_pb2_grpc.DecisionServiceServicer):
    """Explains, and identifies nobody but `ann`."""

    async def ExplainEvidence(self, request, context):
        """See the contract."""
        self._asked.append(("ExplainEvidence", request))
        if request.sample.modality == modality_pb2.MODALITY_FACE:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "There is nothing to explain.")
        of = _print_findings if request.sample.modality == modality_pb2.MODALITY_FINGERPRINT else _iris_findings
        return decisions_pb2.ExplainEvidenceResponse(explanation=of())

    async def IdentifySubjects(self, request, context):
        """See the contract."""
        self._asked.append(("IdentifySubjects", request))
        decided = decision_pb2.Decision(outcome=decision_pb2.OUTCOME_REVIEW, llr=3.25)
        decided.reasons.append(decision_pb2.DECISION_REASON_REVIEW_BAND)
        found = decisions_pb2.RankedSubject(subject_id="ann", rank=1, decision=decided)
        return decisions_pb2.IdentifySubjectsResponse(
            decision=decided, subject_id="ann", candidates=[found], searched_subject_count=1204
        )


class Subjects(_Known, subjects_pb2_grpc.SubjectServiceServicer):
    """Enrols everybody."""

    async def EnrollSubject(self, request, context):
        """See the contract."""
        self._asked.append(("EnrollSubject", request))
        return subjects_pb2.EnrollSubjectResponse(encounter_id="e1")


class Galleries(_Known, galleries_pb2_grpc.GalleryServiceServicer):
    """Three galleries."""

    async def ListGalleries(self, request, context):
        """See the contract."""
        sizes = {"default": 81_204, "staff": 1_950, "watch-list": 412}
        return galleries_pb2.ListGalleriesResponse(
            galleries=[galleries_pb2.Gallery(gallery=name, subject_count=size) for name, size in sizes.items()],
            aliases=[galleries_pb2.GalleryAlias(alias="main", gallery="default")],
        )


class Models(_Known, fusion_models_pb2_grpc.FusionModelServiceServicer):
    """One fusion model."""

    async def GetFusionModel(self, request, context):
        """See the contract."""
        model = fusion_models_pb2.FusionModel(
            fusion_model_id="fusion-3",
            default_fmr=1e-4,
            default_fpir=1e-2,
            review_band_llr=2,
            default_enrolled_prior=0.5,
        )
        for faces, fingers, irises, llr, largest in ((1, 0, 0, 3.1, 0), (0, 2, 0, 6.2, 9_000), (1, 2, 2, 11.7, 10**9)):
            model.reaches.add(
                face_count=faces,
                fingerprint_count=fingers,
                iris_count=irises,
                max_llr=llr,
                lowest_fmr=10**-llr,
                largest_gallery=largest,
            )
        model.calibrations.append(
            calibration_pb2.CalibrationSummary(comparator_id="face-cosine-2", model_id="m", source="a set", max_llr=3.1)
        )
        return fusion_models_pb2.GetFusionModelResponse(model=model)


class Operations(_Known, operations_pb2_grpc.OperationsServicer):
    """Two jobs."""

    async def ListOperations(self, request, context):
        """See the contract."""
        answer = operations_pb2.ListOperationsResponse()
        for number, state, done in ((1, jobs_pb2.JOB_STATE_DONE, 5_000), (2, jobs_pb2.JOB_STATE_RUNNING, 1_830)):
            said = jobs_pb2.JobMetadata(
                kind=jobs_pb2.JOB_KIND_IMPORT, state=state, total_count=5_000, total_is_final=True, done_count=done
            )
            said.create_time.FromSeconds(1_800_000_000 + number)
            answer.operations.add(name=f"operations/job-{number}").metadata.Pack(said)
        return answer


class Faces(_Known, face_pb2_grpc.FaceServiceServicer):
    """Says what it runs."""

    async def GetServiceInfo(self, request, context):
        """See the contract."""
        info = matching_pb2.ServiceInfo(model_id="face-sface-dlib-1", comparator_id="face-cosine-2", version="1.2.3")
        info.compared_models.add(model_id="face-sface-dlib-1")
        return matching_pb2.GetServiceInfoResponse(info=info)


def _print_findings() -> explanation_pb2.Explanation:
    made = explanation_pb2.Explanation()
    for content, shift in ((made.fingerprint.probe, (9, -6)), (made.fingerprint.reference, (0, 0))):
        content.width_px, content.height_px = WIDTH, HEIGHT
        y, x = np.mgrid[: HEIGHT // 16, : WIDTH // 16]
        inside = np.hypot(x / (WIDTH / 32) - 1, y / (HEIGHT / 32) - 1) < 0.9
        content.area_png = _png(inside)
        for at_x, at_y, forks in minutiae(7):
            angle = math.degrees(math.atan2(at_x - WIDTH / 2, at_y - HEIGHT * 0.6)) % 360
            content.minutiae.add(
                x_px=round(at_x + shift[0]), y_px=round(at_y + shift[1]), angle_degrees=angle, is_bifurcation=forks
            )
    for index in range(PAIRS):
        made.fingerprint.pairs.add(probe_index=2 * index, reference_index=2 * index, weight=0.9)
    return made


def _iris_findings() -> explanation_pb2.Explanation:
    made = explanation_pb2.Explanation()
    rng = np.random.default_rng(3)
    mask = np.ones((64, 256), bool)
    mask[:40, 90:150] = False
    made.iris.probe_mask_png = made.iris.reference_mask_png = made.iris.compared_png = _png(mask)
    made.iris.differing_png = _png(mask & (rng.random(mask.shape) < DIFFERING))
    made.iris.compared_fraction, made.iris.differing_fraction = float(mask.mean()), DIFFERING
    return made


def _png(mask: np.ndarray) -> bytes:
    written = io.BytesIO()
    Image.fromarray(mask).save(written, "PNG")
    return written.getvalue()
