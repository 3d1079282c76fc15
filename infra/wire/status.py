"""The table from error class to gRPC status, looked up by class ancestry; a test proves every class has a row."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TypeVar

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from biometrics import errors

Detail = TypeVar("Detail", error_details_pb2.ErrorInfo, error_details_pb2.RetryInfo)

DOMAIN = "biofusion"
RETRY_DELAY_S = 0.2
MAX_TEXT = 400
"""Most characters of a message or metadata value: it may quote a caller's text, and gRPC drops a status over 16 KiB."""

TABLE: dict[type[errors.BiofusionError], grpc.StatusCode] = {
    errors.InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    errors.PreconditionFailed: grpc.StatusCode.FAILED_PRECONDITION,
    errors.SubjectNotFound: grpc.StatusCode.NOT_FOUND,
    errors.EncounterNotFound: grpc.StatusCode.NOT_FOUND,
    errors.GalleryNotFound: grpc.StatusCode.NOT_FOUND,
    errors.AliasNotFound: grpc.StatusCode.NOT_FOUND,
    errors.FusionModelNotFound: grpc.StatusCode.NOT_FOUND,
    errors.JobNotFound: grpc.StatusCode.NOT_FOUND,
    errors.CaseNotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.DocumentChanged: grpc.StatusCode.ABORTED,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.RecordUnreadable: grpc.StatusCode.DATA_LOSS,
    errors.KeyUnavailable: grpc.StatusCode.UNAVAILABLE,
    errors.Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.CallerUnknown: grpc.StatusCode.UNAUTHENTICATED,
    errors.AccessDenied: grpc.StatusCode.PERMISSION_DENIED,
    errors.MethodUnknown: grpc.StatusCode.UNIMPLEMENTED,
    errors.ServiceUnknown: grpc.StatusCode.NOT_FOUND,
    errors.DeadlineExpired: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.ConfigurationInvalid: grpc.StatusCode.INTERNAL,
    errors.StoreUnsafe: grpc.StatusCode.UNAVAILABLE,
    errors.KeyWrong: grpc.StatusCode.INTERNAL,
    errors.FeedTruncated: grpc.StatusCode.FAILED_PRECONDITION,
    errors.SnapshotUnusable: grpc.StatusCode.UNAVAILABLE,
}

INTERNAL_MESSAGE = "An internal error. It is logged under the request id."


def code_of(error: BaseException) -> grpc.StatusCode:
    """The status code of the nearest class in the error's ancestry; INTERNAL for errors of other libraries."""
    rows = (TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)
    return next(rows, grpc.StatusCode.INTERNAL)


def status_of(error: BaseException) -> status_pb2.Status:
    """The whole status: code, message, ErrorInfo, and BadRequest or RetryInfo if they apply.

    An error of another library becomes INTERNAL with a fixed text: nothing of it leaves the process.
    """
    code = code_of(error)
    number: int = code.value[0]
    if not isinstance(error, errors.BiofusionError) or code is grpc.StatusCode.INTERNAL:
        return status_pb2.Status(code=number, message=INTERNAL_MESSAGE, details=[_pack(_info("INTERNAL", {}))])
    message = error.message[:MAX_TEXT]
    metadata = {key: value[:MAX_TEXT] for key, value in error.metadata.items()}
    details = [_pack(_info(error.reason, metadata))]
    if isinstance(error, errors.InvalidInput) and "field" in metadata:
        violation = error_details_pb2.BadRequest.FieldViolation(field=metadata["field"], description=message)
        details.append(_pack(error_details_pb2.BadRequest(field_violations=[violation])))
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED):
        delay = Duration()
        delay.FromMilliseconds(round(1000 * getattr(error, "retry_after_s", RETRY_DELAY_S)))
        details.append(_pack(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status_pb2.Status(code=number, message=message, details=details)


def written(error: BaseException) -> tuple[str, bytes]:
    """The message and the serialised status; a refusal under overload comes from a cache, to save time."""
    if type(error) is errors.Overloaded and not error.metadata:
        return _refusal(error.message, error.retry_after_s)
    status = status_of(error)
    return status.message, status.SerializeToString()


@lru_cache(maxsize=1024)
def _refusal(message: str, retry_after_s: float) -> tuple[str, bytes]:
    status = status_of(errors.Overloaded(message, retry_after_s=retry_after_s))
    return status.message, status.SerializeToString()


def error_info(metadata: object) -> error_details_pb2.ErrorInfo:
    """The ErrorInfo in a call's trailing metadata; empty if there is none or it cannot be read."""
    return _found(error_details_pb2.ErrorInfo(), metadata)


def retry_delay_s(metadata: object) -> float:
    """The retry delay in seconds from the RetryInfo in a call's trailing metadata; 0 without one."""
    delay = _found(error_details_pb2.RetryInfo(), metadata).retry_delay
    return float(delay.seconds + delay.nanos / 1e9)


def _found(detail: Detail, metadata: object) -> Detail:
    """Fill `detail` from a call's trailing metadata; unchanged if there is none or it cannot be read."""
    for key, value in metadata or ():  # type: ignore[attr-defined]  # grpc's metadata types differ by call kind
        if key == "grpc-status-details-bin":
            with suppress(DecodeError):
                any(each.Unpack(detail) for each in status_pb2.Status.FromString(value).details)
    return detail


def _info(reason: str, metadata: dict[str, str]) -> error_details_pb2.ErrorInfo:
    return error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)


def _pack(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest | error_details_pb2.RetryInfo) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
