"""Translation of a matching service's gRPC failures, and of answers that are not valid, into errors of the domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import grpc

from biometrics import errors
from biometrics.template import Modality
from infra.wire.faults import Fault
from infra.wire.status import error_info, retry_delay_s

SKEW = "VERSION_SKEW"
"""`cause` of an answer that this version cannot read."""


def is_unreachable(error: grpc.aio.AioRpcError) -> bool:
    """Whether the error comes from the connection (UNAVAILABLE without an ErrorInfo), not from the service."""
    return error.code() is grpc.StatusCode.UNAVAILABLE and not error_info(error.trailing_metadata()).reason


def domain_error(error: grpc.aio.AioRpcError, modality: Modality, fault: Fault | None) -> errors.BiofusionError:
    """The domain error of a failed call. The service's own message is kept where it is about the sample.

    Args:
        error: the error of the call.
        modality: modality of the service.
        fault: why there is no connection; None if there is one.
    """
    info = error_info(error.trailing_metadata())
    message, reason = error.details() or "", info.reason or None
    facts = dict(info.metadata)
    match error.code():
        case grpc.StatusCode.INVALID_ARGUMENT:
            return _with_facts(errors.InvalidInput(message, reason=reason), facts)
        case grpc.StatusCode.FAILED_PRECONDITION if info.reason == errors.TemplateModelMismatch.default_reason:
            return _with_facts(errors.TemplateModelMismatch(message), facts)
        case grpc.StatusCode.FAILED_PRECONDITION if info.reason == errors.ComparatorUncalibrated.default_reason:
            return _with_facts(errors.ComparatorUncalibrated(message), facts)
        case grpc.StatusCode.FAILED_PRECONDITION if info.reason == errors.StoreSetBack.default_reason:
            return errors.StoreSetBack(message)
        case grpc.StatusCode.FAILED_PRECONDITION:
            return _with_facts(errors.AcquisitionFailed(message, reason=reason), facts)
    return _unavailable(error, modality, fault)


@contextmanager
def understood(modality: Modality) -> Iterator[None]:
    """Context in which to read an answer: one that is not valid is the service's fault, not the caller's.

    Raises:
        ServiceUnavailable: the answer could not be read.
    """
    try:
        yield
    except (errors.BiofusionError, ValueError) as error:
        raise not_understood(modality) from error


def not_understood(modality: Modality) -> errors.ServiceUnavailable:
    """The error of an answer that is not valid."""
    return errors.ServiceUnavailable(
        f"The {modality.lower()} service gave an answer that this version of fusion does not understand. "
        "Run the same version of both, or leave its samples out.",
        modality=modality,
        cause=SKEW,
    )


def _with_facts(error: errors.BiofusionError, facts: dict[str, str]) -> errors.BiofusionError:
    error.metadata.update(facts)
    return error


def _unavailable(error: grpc.aio.AioRpcError, modality: Modality, fault: Fault | None) -> errors.BiofusionError:
    code, info = error.code(), error_info(error.trailing_metadata())
    facts = {"modality": str(modality), "code": code.name}
    service = f"The {modality.lower()} service"
    if fault:
        what = f"{service} cannot be reached: {fault}. Try again, or leave its samples out."
        return errors.ServiceUnavailable(what, cause=fault.name, **facts)
    match code:
        case grpc.StatusCode.RESOURCE_EXHAUSTED if info.reason:
            delay_s = retry_delay_s(error.trailing_metadata())
            return errors.Overloaded(f"{service} is overloaded. Try again later.", retry_after_s=delay_s)
        case grpc.StatusCode.RESOURCE_EXHAUSTED:
            what = "a message for it or of it is larger than MAX_MESSAGE_BYTES allows. Send smaller samples"
            return errors.ServiceUnavailable(f"{service} cannot be used: {what}.", cause="MESSAGE_TOO_LARGE", **facts)
        case grpc.StatusCode.UNIMPLEMENTED:
            return not_understood(modality)
        case grpc.StatusCode.UNAUTHENTICATED | grpc.StatusCode.PERMISSION_DENIED:
            what = f"{service} does not let fusion in: {error.details()}"
            return errors.ServiceUnavailable(what, cause=info.reason or code.name, **facts)
    what = f"{service} does not answer ({code.name}). Try again, or leave its samples out."
    cause = Fault.SILENT.name if code is grpc.StatusCode.DEADLINE_EXCEEDED else code.name
    return errors.ServiceUnavailable(what, cause=cause, **facts)
