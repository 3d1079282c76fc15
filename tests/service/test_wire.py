"""Messages that violate the protobuf contract."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

import grpc
import pytest
from biofusion.face.v1 import face_pb2
from biofusion.fingerprint.v1 import fingerprint_pb2
from biofusion.fusion.v1 import decisions_pb2, encounters_pb2, fusion_models_pb2, galleries_pb2, jobs_pb2, subjects_pb2
from biofusion.iris.v1 import iris_pb2
from biofusion.review.v1 import review_pb2
from google.longrunning import operations_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from infra.serving.request_ids import REQUEST_ID_HEADER
from infra.wire.status import error_info

METHODS = [
    f"/{service.full_name}/{method.name}"
    for module in (
        *(face_pb2, fingerprint_pb2, iris_pb2, health_pb2),
        *(
            subjects_pb2,
            encounters_pb2,
            galleries_pb2,
            decisions_pb2,
            fusion_models_pb2,
            jobs_pb2,
            operations_pb2,
            review_pb2,
        ),
    )
    for service in module.DESCRIPTOR.services_by_name.values()
    for method in service.methods
]
EXTRACT = "/biofusion.face.v1.FaceService/ExtractTemplate"
DIALOGUE = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

REFUSED = (
    (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID"),
    (grpc.StatusCode.INVALID_ARGUMENT, "IMAGE_UNDECODABLE"),
    (grpc.StatusCode.NOT_FOUND, "JOB_NOT_FOUND"),
    (grpc.StatusCode.NOT_FOUND, "CASE_NOT_FOUND"),
    (grpc.StatusCode.UNAUTHENTICATED, "REVIEWER_UNKNOWN"),
)

STREAMS = ("/Watch", "/WatchChanges", "/WatchReviewCases")
"""Ends of the names of methods with one request and many answers."""

NOT_UTF8 = b"\x0a\x02\xff\xfe"  # field 1, a string or a message
CUT_OFF = b"\x0a\x7f\x01"
NESTED = b""
for _ in range(200):
    NESTED = b"\x0b" + NESTED + b"\x0c"  # groups in groups


def failed(
    channel: grpc.Channel, method: str, message: bytes, metadata: Sequence[tuple[str, str]] = ()
) -> grpc.RpcError:
    """The error of a call with these bytes."""
    call = channel.unary_stream if method.endswith(STREAMS) else channel.unary_unary
    with pytest.raises(grpc.RpcError) as caught:
        list(call(method)(message, timeout=60, metadata=metadata))
    return caught.value


def told(error: grpc.RpcError) -> tuple[grpc.StatusCode, str]:
    """Status code and reason of an error; it must have a request id and a readable message."""
    trailing = dict(error.trailing_metadata())
    assert trailing[REQUEST_ID_HEADER]
    assert error.details().endswith(".")
    return error.code(), error_info(error.trailing_metadata()).reason


@pytest.mark.parametrize("method", [method for method in METHODS if not method.endswith(STREAMS)])
def test_an_empty_message_is_answered_or_refused(channel: grpc.Channel, method: str) -> None:
    """Every method that reflection lists is there, and none takes a message without fields for a bug of its own."""
    try:
        channel.unary_unary(method)(b"", timeout=60)
    except grpc.RpcError as error:
        assert told(error) in REFUSED  # noqa: PT017


@pytest.mark.parametrize("method", METHODS)
def test_a_malformed_message_is_an_invalid_argument(
    channel: grpc.Channel, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Every method of every service refuses a malformed message with the documented error and one log line."""
    name = f"t-{uuid.uuid4()}"
    with caplog.at_level(logging.DEBUG, "biofusion.call"):
        error = failed(channel, method, CUT_OFF, [(REQUEST_ID_HEADER, name)])
    assert (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED") == told(error)
    assert (REQUEST_ID_HEADER, name) in error.trailing_metadata()
    assert not [record for record in caplog.records if record.exc_info or record.levelno > logging.INFO]
    if not method.endswith(STREAMS):
        assert 1 == sum(name in record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("message", [NOT_UTF8, NESTED], ids=["not UTF-8", "nested"])
@pytest.mark.parametrize("method", [EXTRACT, "/biofusion.fusion.v1.DecisionService/VerifySubject"])
def test_bytes_of_any_malformed_kind(channel: grpc.Channel, method: str, message: bytes) -> None:
    """Text that is not UTF-8, and endlessly nested messages, are refused."""
    assert grpc.StatusCode.INVALID_ARGUMENT is failed(channel, method, message).code()


def test_a_malformed_message_in_a_stream_is_an_invalid_argument(channel: grpc.Channel) -> None:
    """A malformed message in a reflection stream is refused after earlier requests were answered."""
    good = reflection_pb2.ServerReflectionRequest(list_services="").SerializeToString()
    answers = channel.stream_stream(DIALOGUE)(iter([good, CUT_OFF]), timeout=60)
    assert next(answers)
    with pytest.raises(grpc.RpcError) as caught:
        next(answers)
    assert (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED") == told(caught.value)


@pytest.mark.parametrize("method", ["/biofusion.face.v1.FaceService/Nothing", "/no.Service/Nothing\x1b[2J"])
def test_an_unknown_method_is_named(channel: grpc.Channel, method: str) -> None:
    """The error for an unknown method is like any other, and its text is safe to print."""
    error = failed(channel, method, b"")
    assert (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN") == told(error)
    assert error.details().isprintable()


def test_a_message_that_is_too_long_is_told_the_limit(address: str) -> None:
    """A message above the limit is refused by gRPC, which states the limit."""
    with grpc.insecure_channel(address, [("grpc.max_send_message_length", -1)]) as channel:
        error = failed(channel, EXTRACT, bytes(64 * 1024 * 1024 + 1))
    assert grpc.StatusCode.RESOURCE_EXHAUSTED is error.code()
    assert str(64 * 1024 * 1024) in error.details()


def test_a_request_id_that_could_forge_a_log_line_is_replaced(channel: grpc.Channel) -> None:
    """A request id with spaces, which could forge a field of the log line, is replaced by a new one."""
    forged = "1 ms request_id=2"
    error = failed(channel, EXTRACT, CUT_OFF, [(REQUEST_ID_HEADER, forged)])
    assert forged != dict(error.trailing_metadata())[REQUEST_ID_HEADER]


def test_a_call_without_a_message_is_an_invalid_argument(channel: grpc.Channel) -> None:
    """A client that closes its side without a message gets an error."""
    with pytest.raises(grpc.RpcError) as caught:
        channel.stream_unary(EXTRACT)(iter([]), timeout=60)
    assert (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED") == told(caught.value)
