from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import grpc
import pytest
from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import comparison_pb2, modality_pb2, sample_pb2

from biometrics import errors
from biometrics.errors import ServiceUnavailable
from biometrics.quality import Quality, QualityReason
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.matching.matchers import Found, Hit, Matcher, connect
from fusion.use_cases.enroll import EnrolmentRequest, enroll
from gallery.store.port import START
from infra.serving.interceptors import current_request_id
from infra.wire.status import code_of, status_of
from tests.support.fakes import MemoryStore
from tests.unit.fusion.world import UUID, matchers, sample, template

DEADLINE_S = 1.0


@pytest.fixture
async def silent() -> AsyncIterator[str]:
    """The address of a server that takes connections and never answers."""
    over = asyncio.Event()

    async def never_answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    yield f"{host}:{port}"
    over.set()
    server.close()
    await server.wait_closed()


async def test_an_enrolment_says_which_service_hangs(silent: str) -> None:
    """The service's part of the deadline ends before the deadline, so that the caller is told which one it was."""
    store = MemoryStore()
    services = {**matchers(store), Modality.IRIS: connect(Modality.IRIS, silent, 1024)}
    samples = (sample(Modality.FACE, "ann"), sample(Modality.IRIS, "ann"))
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", samples, (), add_encounter=False)
    with pytest.raises(errors.DeadlineExpired) as caught:
        async with asyncio.timeout(DEADLINE_S):
            await enroll(request, services, store, DEADLINE_S)
    assert ("IRIS", "samples[1]") == (caught.value.metadata["modality"], caught.value.metadata["sample"])
    assert {} == store.subjects


class Recorder(iris_pb2_grpc.IrisServiceServicer):
    """An iris service that keeps the request ids it is called with."""

    def __init__(self) -> None:
        self.request_ids: list[object] = []

    async def CompareTemplates(self, request: Any, context: Any) -> matching_pb2.CompareTemplatesResponse:  # noqa: N802  # gRPC's name
        """Compare nothing."""
        self.request_ids.append(dict(context.invocation_metadata())["x-request-id"])
        return matching_pb2.CompareTemplatesResponse()


@dataclass
class Odd(iris_pb2_grpc.IrisServiceServicer):
    """An iris service of another version, or a broken one: it gives the answers that it is told to."""

    answer: Any = None
    refusals: int = 0
    calls: int = 0

    async def _answer(self, _request: Any, context: Any) -> Any:
        self.calls += 1
        if self.calls <= self.refusals:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        if isinstance(self.answer, grpc.StatusCode):
            await context.abort(self.answer, "No.", trailing_metadata=(("grpc-status-details-bin", GARBAGE),))
        if isinstance(self.answer, errors.BiofusionError):
            status = status_of(self.answer)
            details = (("grpc-status-details-bin", status.SerializeToString()),)
            await context.abort(code_of(self.answer), status.message, trailing_metadata=details)
        return self.answer

    ExtractTemplate = CompareTemplates = SearchGallery = ScoreSubjects = _answer


GARBAGE = b"\xff\xff\xff"
NEWER = 12_345
"""The number of an enum value that a later version may define."""

Call = Callable[[Matcher], Awaitable[object]]


def _image(size: int = 10) -> EncodedImage:
    return EncodedImage(bytes(size))


def _searched() -> Sample:
    return Sample(Modality.IRIS, Position.LEFT_EYE, template(Modality.IRIS, "ann"))


CALLS: dict[str, Call] = {
    "extract": lambda matcher: matcher.extract(_image(), Position.LEFT_EYE, 5.0),
    "compare": lambda matcher: matcher.compare(template(Modality.IRIS, "ann"), [template(Modality.IRIS, "bob")], 5.0),
    "search": lambda matcher: matcher.search(_searched(), "default", 10, START, 5.0),
    "score": lambda matcher: matcher.score(_searched(), ["ann"], START, 5.0),
}


@asynccontextmanager
async def matcher_of(service: Odd) -> AsyncIterator[Matcher]:
    """A matcher on a channel to the service."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", 1 << 23)])
    if service.answer == GARBAGE:
        garbled = grpc.unary_unary_rpc_method_handler(service.CompareTemplates)
        handlers = grpc.method_handlers_generic_handler("biofusion.iris.v1.IrisService", {"CompareTemplates": garbled})
        server.add_generic_rpc_handlers((handlers,))
    else:
        iris_pb2_grpc.add_IrisServiceServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    matcher = connect(Modality.IRIS, f"127.0.0.1:{port}", 1 << 23)
    try:
        yield matcher
    finally:
        await matcher.close()
        await server.stop(None)


def _candidate(**others: Any) -> matching_pb2.Candidate:
    fields = {"subject_id": "ann", "comparison": comparison_pb2.Comparison(score=2.0), "comparison_count": 3}
    return matching_pb2.Candidate(**{**fields, **others})


def _extracted(quality: sample_pb2.Quality, **others: Any) -> iris_pb2.ExtractTemplateResponse:
    fields = {"modality": modality_pb2.MODALITY_IRIS, "model_id": "newer-9", "data": b"code"}
    return iris_pb2.ExtractTemplateResponse(template=sample_pb2.Template(**{**fields, **others}), quality=quality)


_NAN = comparison_pb2.Comparison(score=nan)
_GOOD = sample_pb2.Quality(value=50.0)


@pytest.mark.parametrize(
    ("call", "answer", "expected"),
    [
        (
            "extract",
            _extracted(sample_pb2.Quality(value=50.0, reasons=[NEWER, sample_pb2.QUALITY_REASON_BLURRED])),
            (Template(Modality.IRIS, "newer-9", b"code"), Quality(50.0, (QualityReason.BLURRED,))),
        ),
        (
            "extract",
            _extracted(_GOOD, modality=modality_pb2.MODALITY_UNSPECIFIED),
            (Template(Modality.IRIS, "newer-9", b"code"), Quality(50.0)),
        ),
        (
            "search",
            matching_pb2.SearchGalleryResponse(
                candidates=[_candidate(reference_position=NEWER)], searched_subject_count=4
            ),
            Found([Hit("ann", 2.0, Position.UNKNOWN, 3)], 4),
        ),
        (
            "search",
            matching_pb2.SearchGalleryResponse(candidates=[_candidate(comparison_count=-1)]),
            Found([Hit("ann", 2.0, Position.UNKNOWN, 1)], 1),
        ),
        (
            "score",
            matching_pb2.ScoreSubjectsResponse(candidates=[_candidate(reference_position=NEWER)]),
            [Hit("ann", 2.0, Position.UNKNOWN, 3)],
        ),
    ],
)
async def test_what_only_a_newer_service_knows_does_no_harm(call: str, answer: Any, expected: object) -> None:
    """A position becomes unknown, a reason is left out, a count is at least one."""
    async with matcher_of(Odd(answer)) as matcher:
        assert expected == await CALLS[call](matcher)


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("extract", _extracted(_GOOD, modality=NEWER)),
        ("extract", _extracted(_GOOD, modality=modality_pb2.MODALITY_FACE)),
        ("extract", _extracted(_GOOD, data=b"")),
        ("extract", _extracted(_GOOD, model_id="")),
        ("extract", _extracted(sample_pb2.Quality(value=nan))),
        ("extract", _extracted(sample_pb2.Quality(value=101.0))),
        ("extract", iris_pb2.ExtractTemplateResponse()),
        ("compare", matching_pb2.CompareTemplatesResponse()),
        ("compare", matching_pb2.CompareTemplatesResponse(comparisons=[_NAN])),
        ("compare", matching_pb2.CompareTemplatesResponse(comparisons=[comparison_pb2.Comparison(score=inf)])),
        ("compare", matching_pb2.CompareTemplatesResponse(comparisons=[comparison_pb2.Comparison()] * 2)),
        ("search", matching_pb2.SearchGalleryResponse(candidates=[_candidate(comparison=_NAN)])),
        ("search", matching_pb2.SearchGalleryResponse(candidates=[_candidate(subject_id="")])),
        ("score", matching_pb2.ScoreSubjectsResponse(candidates=[_candidate(comparison=_NAN)])),
        ("score", grpc.StatusCode.UNIMPLEMENTED),
        ("compare", GARBAGE),
    ],
)
async def test_an_answer_that_makes_no_sense_is_the_services_fault(call: str, answer: Any) -> None:
    """Not the caller's, who would be told that a sample of theirs is wrong, nor an internal error."""
    async with matcher_of(Odd(answer)) as matcher:
        with pytest.raises(ServiceUnavailable) as caught:
            await CALLS[call](matcher)
    assert ("VERSION_SKEW", "IRIS") == (caught.value.metadata["cause"], caught.value.metadata["modality"])


@pytest.mark.parametrize("code", [each for each in grpc.StatusCode if each is not grpc.StatusCode.OK])
async def test_every_status_of_a_service_has_a_meaning(code: grpc.StatusCode) -> None:
    """Whatever it ends with, and even if its details are no message: never an error that the table does not know."""
    async with matcher_of(Odd(code)) as matcher:
        with pytest.raises(errors.BiofusionError) as caught:
            await CALLS["compare"](matcher)
    assert code_of(caught.value) in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
    )


async def test_facts_of_any_name_are_passed_on() -> None:
    """Also those called as the parts of an error are called here."""
    facts = {"message": "a", "reason": "b", "self": "c", "newer": "d"}
    refused = errors.AcquisitionFailed("No iris.", reason="IRIS_ABSENT")
    refused.metadata.update(facts)
    async with matcher_of(Odd(refused)) as matcher:
        with pytest.raises(errors.AcquisitionFailed) as caught:
            await CALLS["extract"](matcher)
    assert ("No iris.", "IRIS_ABSENT", facts) == (caught.value.message, caught.value.reason, caught.value.metadata)


async def test_an_overload_is_told_as_one() -> None:
    """A service that refuses at once has not failed: its caller is told to come later; nothing tries again."""
    service = Odd(errors.Overloaded("Full.", retry_after_s=1.5))
    async with matcher_of(service) as matcher:
        with pytest.raises(errors.Overloaded) as caught:
            await CALLS["compare"](matcher)
    refusal = (code_of(caught.value), caught.value.retry_after_s, service.calls)
    assert (grpc.StatusCode.RESOURCE_EXHAUSTED, 1.5, 1) == refusal


@pytest.mark.parametrize("size", [10, 1 << 20, 7 << 20])
async def test_a_large_request_is_retried_as_a_small_one_is(size: int) -> None:
    """UNAVAILABLE twice and an answer then, as far as messages go."""
    service = Odd(_extracted(_GOOD), refusals=2)
    async with matcher_of(service) as matcher:
        await matcher.extract(_image(size), Position.LEFT_EYE, 20.0)
    assert 3 == service.calls


async def test_the_request_id_is_sent_along() -> None:
    """A matching service is called with the id of the call that fusion serves, so that their logs can be joined."""
    recorder, server = Recorder(), grpc.aio.server()
    iris_pb2_grpc.add_IrisServiceServicer_to_server(recorder, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    current_request_id.set("case-7")
    await connect(Modality.IRIS, f"127.0.0.1:{port}", 1024).compare(template(Modality.IRIS, "ann"), [], 5.0)
    assert ["case-7"] == recorder.request_ids
    await server.stop(None)
