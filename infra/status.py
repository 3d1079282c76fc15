"""THE table: error class → gRPC status. Looked up by class ancestry; a test proves every class has a row."""

from __future__ import annotations

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2

from biometrics import errors

DOMAIN = "biofusion"
RETRY_DELAY_MS = 200
MAX_TEXT = 400
"""Most characters of a message or fact: it may quote what a caller sent, and gRPC drops a status over 16 KiB."""

TABLE: dict[type[errors.BiofusionError], grpc.StatusCode] = {
    errors.InvalidInput: grpc.StatusCode.INVALID_ARGUMENT,
    errors.PreconditionFailed: grpc.StatusCode.FAILED_PRECONDITION,
    errors.SubjectNotFound: grpc.StatusCode.NOT_FOUND,
    errors.GalleryNotFound: grpc.StatusCode.NOT_FOUND,
    errors.FusionModelNotFound: grpc.StatusCode.NOT_FOUND,
    errors.AlreadyExists: grpc.StatusCode.ALREADY_EXISTS,
    errors.Unavailable: grpc.StatusCode.UNAVAILABLE,
    errors.Overloaded: grpc.StatusCode.RESOURCE_EXHAUSTED,
    errors.DeadlineExpired: grpc.StatusCode.DEADLINE_EXCEEDED,
    errors.ConfigurationInvalid: grpc.StatusCode.INTERNAL,
    errors.StoreUnsafe: grpc.StatusCode.UNAVAILABLE,
    errors.FeedTruncated: grpc.StatusCode.UNAVAILABLE,
}

INTERNAL_MESSAGE = "An internal error. It is logged under the request id."


def code_of(error: BaseException) -> grpc.StatusCode:
    """The status code of the nearest class in the error's ancestry; INTERNAL for what is not ours."""
    rows = (TABLE[cls] for cls in type(error).__mro__ if cls in TABLE)
    return next(rows, grpc.StatusCode.INTERNAL)


def status_of(error: BaseException) -> status_pb2.Status:
    """The whole status: code, message, ErrorInfo, and BadRequest or RetryInfo where they apply.

    An error that is not ours becomes INTERNAL with a fixed text: nothing of it leaves the process.
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
        delay.FromMilliseconds(RETRY_DELAY_MS)
        details.append(_pack(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status_pb2.Status(code=number, message=message, details=details)


def error_info(metadata: object) -> error_details_pb2.ErrorInfo:
    """The ErrorInfo in a call's trailing metadata, or an empty one."""
    info = error_details_pb2.ErrorInfo()
    for key, value in metadata or ():  # type: ignore[attr-defined]  # grpc's metadata types differ by call kind
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                if detail.Unpack(info):
                    return info
    return info


def _info(reason: str, metadata: dict[str, str]) -> error_details_pb2.ErrorInfo:
    return error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata=metadata)


def _pack(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest | error_details_pb2.RetryInfo) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
