"""A matching service whose answers a test sets, and a matcher that calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from biofusion.iris.v1 import iris_pb2, iris_pb2_grpc
from biofusion.type.v1 import modality_pb2, sample_pb2

from biometrics import errors
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position
from fusion.matching.connect import connect
from fusion.matching.matchers import Matcher
from gallery.store.values import START
from infra.wire.status import code_of, status_of
from tests.unit.fusion.world import template


@dataclass
class Odd(iris_pb2_grpc.IrisServiceServicer):
    """An iris service of another version, or a broken one: its answers are set by the test."""

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


Call = Callable[[Matcher], Awaitable[object]]


def image_of(size: int = 10) -> EncodedImage:
    """An image that is not decoded."""
    return EncodedImage(bytes(size))


def searched() -> Sample:
    """A sample to search with."""
    return Sample(Modality.IRIS, Position.LEFT_EYE, template(Modality.IRIS, "ann"))


CALLS: dict[str, Call] = {
    "extract": lambda matcher: matcher.extract(image_of(), Position.LEFT_EYE, 5.0),
    "compare": lambda matcher: matcher.compare(template(Modality.IRIS, "ann"), [template(Modality.IRIS, "bob")], 5.0),
    "search": lambda matcher: matcher.search(searched(), "default", 10, START, 5.0),
    "score": lambda matcher: matcher.score(searched(), ["ann"], START, 5.0),
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


def extracted(quality: sample_pb2.Quality, **others: Any) -> iris_pb2.ExtractTemplateResponse:
    """An answer of an extraction; `others` are fields of its template."""
    fields = {"modality": modality_pb2.MODALITY_IRIS, "model_id": "newer-9", "data": b"code"}
    return iris_pb2.ExtractTemplateResponse(template=sample_pb2.Template(**{**fields, **others}), quality=quality)


GOOD = sample_pb2.Quality(value=50.0)
