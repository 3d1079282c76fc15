"""Requests that start jobs → specs of their kinds."""

from __future__ import annotations

from datetime import UTC

from biofusion.fusion.v1 import jobs_pb2

from biometrics.errors import FieldInvalid
from fusion.bulk import expiring, exporting, importing, retemplating
from fusion.bulk.sweep import sweeping
from fusion.jobs.parts import Json
from fusion.jobs.values import Budget
from fusion.wire.enrolments import POLICIES
from infra.wire.convert import modality_from_wire
from infra.wire.records import FORMATS

KINDS = {
    importing.NAME: jobs_pb2.JOB_KIND_IMPORT,
    exporting.NAME: jobs_pb2.JOB_KIND_EXPORT,
    sweeping.NAME: jobs_pb2.JOB_KIND_DUPLICATE_SWEEP,
    retemplating.NAME: jobs_pb2.JOB_KIND_RETEMPLATING,
    expiring.NAME: jobs_pb2.JOB_KIND_EXPIRY,
}
"""Kinds by the names that they have in the store."""

Start = (
    jobs_pb2.StartImportRequest
    | jobs_pb2.StartExportRequest
    | jobs_pb2.StartDuplicateSweepRequest
    | jobs_pb2.StartRetemplatingRequest
    | jobs_pb2.StartExpiryRequest
)


def spec_of(request: Start) -> tuple[str, Json]:
    """Kind and spec of the job that a request starts; the kind checks the rest.

    Raises:
        FieldInvalid: an enumeration or a time has an unknown value.
    """
    match request:
        case jobs_pb2.StartImportRequest():
            return importing.NAME, _import(request)
        case jobs_pb2.StartExportRequest():
            recipient = request.recipient_public_key
            spec = {"gallery": request.gallery, "destination": request.destination, "recipient_public_key": recipient}
            return exporting.NAME, spec | {"format": _format(request)}
        case jobs_pb2.StartDuplicateSweepRequest():
            modality = str(modality_from_wire(request.modality)) if request.modality else ""
            expected = request.expected_false_pairs
            return sweeping.NAME, {"gallery": request.gallery, "expected_false_pairs": expected, "modality": modality}
        case jobs_pb2.StartRetemplatingRequest():
            return retemplating.NAME, {"source": request.source, "from_model_id": request.from_model_id}
        case _:
            return expiring.NAME, {"before": _before(request)}


def budget_of(options: jobs_pb2.JobOptions) -> Budget:
    """How many rows may be refused.

    Raises:
        FieldInvalid: a number is out of range.
    """
    count = options.max_refused_count if options.HasField("max_refused_count") else -1
    if options.HasField("max_refused_count") and count < 0:
        raise FieldInvalid("options.max_refused_count", "0 or more is allowed.")
    share = options.max_refused_share if options.HasField("max_refused_share") else 1.0
    if not 0.0 <= share <= 1.0:
        raise FieldInvalid("options.max_refused_share", "0 to 1 is allowed.")
    return Budget(count, share)


def _import(request: jobs_pb2.StartImportRequest) -> Json:
    if request.on_duplicate not in POLICIES:
        raise FieldInvalid("on_duplicate", "this policy is not known.")
    return {
        "source": request.source,
        "gallery": request.gallery,
        "format": _format(request),
        "on_duplicate": str(POLICIES[request.on_duplicate]),
        "validate_only": request.validate_only,
        "skip_unusable": request.skip_unusable,
    }


def _format(request: jobs_pb2.StartImportRequest | jobs_pb2.StartExportRequest) -> str:
    return str(FORMATS.from_wire(request.format)) if request.format else ""


def _before(request: jobs_pb2.StartExpiryRequest) -> str:
    if not request.HasField("before"):
        return ""
    try:
        return request.before.ToDatetime(UTC).isoformat()
    except (ValueError, OverflowError):
        raise FieldInvalid("before", "a time within the years 1 to 9999 is needed.") from None
