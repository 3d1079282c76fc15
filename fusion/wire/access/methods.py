"""The operation of every method, and what its requests reach. A method that is not here is refused under a policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from biofusion.fusion.v1 import subjects_pb2
from biofusion.review.v1 import review_pb2

from fusion.access.operations import Operation
from fusion.bulk import expiring, exporting, importing, retemplating
from fusion.bulk.sweep import sweeping
from fusion.wire.access import reach
from fusion.wire.access.reach import Reaches


@dataclass(frozen=True, slots=True)
class Method:
    """What a policy knows of a method.

    Args:
        name: full name, `/package.Service/Method`.
        operation: that it is.
        reaches: what a request reaches.
    """

    name: str
    operation: Operation
    reaches: Reaches


FUSION: dict[str, dict[str, tuple[Operation, Reaches]]] = {
    "biofusion.fusion.v1.SubjectService": {
        "EnrollSubject": (Operation.ENROL, reach.enrolment),
        "GetSubject": (Operation.READ, reach.subject),
        "ListSubjects": (Operation.READ, reach.gallery_or_all),
        "DeleteSubject": (Operation.DELETE, reach.whole_subject),
        "MergeSubjects": (Operation.CHANGE, reach.both_subjects),
        "SplitSubject": (Operation.CHANGE, reach.split_subject),
        "CheckQuality": (Operation.ASSESS, reach.nothing),
        "WatchChanges": (Operation.WATCH, reach.gallery_or_all),
    },
    "biofusion.fusion.v1.DecisionService": {
        "VerifySubject": (Operation.VERIFY, reach.subject),
        "IdentifySubjects": (Operation.IDENTIFY, reach.search),
        "CheckDuplicates": (Operation.IDENTIFY, reach.search),
        "ExplainEvidence": (Operation.EXPLAIN, reach.explained),
        "GetAgreement": (Operation.ADMINISTER, reach.everything),
        "FuseScores": (Operation.ASSESS, reach.nothing),
    },
    "biofusion.fusion.v1.EncounterService": {
        "GetEncounter": (Operation.READ, reach.subject),
        "UpdateEncounter": (Operation.CHANGE, reach.whole_subject),
        "ActivateEncounter": (Operation.CHANGE, reach.whole_subject),
        "DeactivateEncounter": (Operation.CHANGE, reach.whole_subject),
        "SetEncounterExpiry": (Operation.CHANGE, reach.whole_subject),
        "MoveEncounter": (Operation.CHANGE, reach.both_subjects),
        "DeleteEncounter": (Operation.DELETE, reach.whole_subject),
        "ExportEncounter": (Operation.EXPORT, reach.subject),
        "ExportSubject": (Operation.EXPORT, reach.subject),
    },
    "biofusion.fusion.v1.GalleryService": {
        "ListGalleries": (Operation.ADMINISTER, reach.everything),
        "JoinGalleries": (Operation.CHANGE, reach.whole_subject),
        "LeaveGalleries": (Operation.CHANGE, reach.whole_subject),
        "SetGalleryAlias": (Operation.ADMINISTER, reach.alias),
        "DeleteGalleryAlias": (Operation.ADMINISTER, reach.alias),
    },
    "biofusion.fusion.v1.FusionModelService": {
        "GetFusionModel": (Operation.INFO, reach.nothing),
        "UploadFusionModel": (Operation.MODELS, reach.nothing),
        "ListFusionModels": (Operation.INFO, reach.nothing),
        "DeleteFusionModel": (Operation.MODELS, reach.nothing),
    },
    "biofusion.fusion.v1.JobService": {
        "StartImport": (Operation.IMPORT, reach.everything),
        "StartExport": (Operation.EXPORT, reach.gallery),
        "StartDuplicateSweep": (Operation.SWEEP, reach.gallery),
        "StartRetemplating": (Operation.MAINTAIN, reach.everything),
        "StartExpiry": (Operation.MAINTAIN, reach.everything),
        "ListJobResults": (Operation.JOBS, reach.job),
        "RedeliverCallback": (Operation.JOBS, reach.job),
    },
    "google.longrunning.Operations": {
        "ListOperations": (Operation.JOBS, reach.everything),
        "GetOperation": (Operation.JOBS, reach.job),
        "DeleteOperation": (Operation.JOBS, reach.job),
        "CancelOperation": (Operation.JOBS, reach.job),
        "WaitOperation": (Operation.JOBS, reach.job),
    },
}

REVIEW: dict[str, tuple[Operation, Reaches]] = {
    "CreateReviewCase": (Operation.OPEN_CASES, reach.new_case),
    "WithdrawReviewCase": (Operation.OPEN_CASES, reach.everything),
    "GetReviewCase": (Operation.READ_CASES, reach.everything),
    "ListReviewCases": (Operation.READ_CASES, reach.everything),
    "WatchReviewCases": (Operation.READ_CASES, reach.everything),
    "ClaimReviewCase": (Operation.REVIEW, reach.everything),
    "GiveBackReviewCase": (Operation.REVIEW, reach.everything),
    "DecideReviewCase": (Operation.REVIEW, reach.everything),
    "OpenSealedSample": (Operation.REVIEW, reach.everything),
}

MATCHING: dict[str, tuple[Operation, Reaches]] = {
    "ExtractTemplate": (Operation.MATCH, reach.nothing),
    "CompareTemplates": (Operation.MATCH, reach.nothing),
    "ExplainComparison": (Operation.MATCH, reach.nothing),
    "SearchGallery": (Operation.MATCH, reach.gallery),
    "ScoreSubjects": (Operation.MATCH, reach.scored_subjects),
    "GetServiceInfo": (Operation.INFO, reach.nothing),
}
OF_FINGERS: dict[str, tuple[Operation, Reaches]] = {
    "ExtractFingers": (Operation.MATCH, reach.nothing),
    "ExportTemplates": (Operation.MATCH, reach.nothing),
}
"""Methods of the matching services, which `biofusion serve` runs behind the same door."""

TABLES = {
    **FUSION,
    "biofusion.review.v1.ReviewService": REVIEW,
    "biofusion.face.v1.FaceService": MATCHING,
    "biofusion.fingerprint.v1.FingerprintService": MATCHING | OF_FINGERS,
    "biofusion.iris.v1.IrisService": MATCHING,
}

METHODS = {
    (name := f"/{service}/{method}"): Method(name, *known)
    for service, methods in TABLES.items()
    for method, known in methods.items()
}

STARTED_BY = {
    importing.NAME: Operation.IMPORT,
    exporting.NAME: Operation.EXPORT,
    sweeping.NAME: Operation.SWEEP,
    retemplating.NAME: Operation.MAINTAIN,
    expiring.NAME: Operation.MAINTAIN,
}
"""By kind of job, the operation that starts it: whoever may start a job may read and cancel it."""

OF_ONE_GALLERY = frozenset({exporting.NAME, sweeping.NAME})
"""Kinds of jobs that concern the gallery of their spec; others concern all."""


def operations_of(method: Method, request: Any) -> tuple[Operation, ...]:
    """The operations that a request needs: its method's, and another one if it does the same as that.

    A trial enrolment that checks for duplicates tells who in the gallery is like the samples: it is a search. A claim
    as supervisor needs more than a claim.
    """
    if isinstance(request, subjects_pb2.EnrollSubjectRequest) and request.validate_only and request.on_duplicate:
        return method.operation, Operation.IDENTIFY
    if isinstance(request, review_pb2.ClaimReviewCaseRequest) and request.role == review_pb2.REVIEW_ROLE_SUPERVISOR:
        return method.operation, Operation.SUPERVISE
    return (method.operation,)


def samples_of(request: Any) -> Any:
    """The samples that a search or verification is made with; None if it has none, or is none."""
    if isinstance(request, subjects_pb2.EnrollSubjectRequest):
        return request.samples if request.on_duplicate else None
    return getattr(request, "samples", None)
