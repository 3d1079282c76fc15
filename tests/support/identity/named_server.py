"""A server whose one service tells its callers how they are called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
from biofusion.fusion.v1 import fusion_models_pb2, fusion_models_pb2_grpc, subjects_pb2, subjects_pb2_grpc

from infra.identity.visit import current_visit
from infra.serving.server import Registration, Server
from infra.settings import Settings
from infra.wire.status import error_info
from tests.support.tls import Authority


class _Models(fusion_models_pb2_grpc.FusionModelServiceServicer):
    async def GetFusionModel(self, request: Any, context: Any) -> fusion_models_pb2.GetFusionModelResponse:  # noqa: N802  # gRPC's name
        visit = current_visit.get()
        said = fusion_models_pb2.GetFusionModelResponse()
        said.model.fusion_model_id = f"{visit.caller.name} {visit.intent.purpose}".strip()
        return said


class _Subjects(subjects_pb2_grpc.SubjectServiceServicer):
    async def WatchChanges(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802  # gRPC's name
        yield subjects_pb2.WatchChangesResponse(resume_token=current_visit.get().caller.name)


MODELS, SUBJECTS = "biofusion.fusion.v1.FusionModelService", "biofusion.fusion.v1.SubjectService"


@asynccontextmanager
async def named_server(**settings: Any) -> AsyncIterator[Server]:
    """Run it on a free port."""
    server = Server(Settings(port=0, drain_s=0.0, **settings), 0)
    await server.start(
        [
            Registration(
                MODELS, lambda to: fusion_models_pb2_grpc.add_FusionModelServiceServicer_to_server(_Models(), to)
            ),
            Registration(SUBJECTS, lambda to: subjects_pb2_grpc.add_SubjectServiceServicer_to_server(_Subjects(), to)),
        ]
    )
    try:
        yield server
    finally:
        await server.stop()


def channel(port: int, folder: Path | None = None, shown: str = "", authority: str = "authority") -> grpc.aio.Channel:
    """A channel to it: in plain text without a folder, else with the certificates there."""
    options = [("grpc.enable_http_proxy", 0)]
    if folder is None:
        return grpc.aio.insecure_channel(f"localhost:{port}", options)
    pair = ((folder / f"{shown}.{end}").read_bytes() for end in ("key", "pem")) if shown else ()
    credentials = grpc.ssl_channel_credentials((folder / f"{authority}.pem").read_bytes(), *pair)
    return grpc.aio.secure_channel(f"localhost:{port}", credentials, options)


async def told(to: grpc.aio.Channel, *metadata: tuple[str, str]) -> str:
    """The caller's name as the server knows it; else the reason of the refusal, or the code if there is no reason."""
    stub = fusion_models_pb2_grpc.FusionModelServiceStub(to)
    try:
        said = await stub.GetFusionModel(fusion_models_pb2.GetFusionModelRequest(), metadata=metadata, timeout=20)
    except grpc.aio.AioRpcError as error:
        return error_info(error.trailing_metadata()).reason or error.code().name
    return str(said.model.fusion_model_id)


async def told_by_stream(to: grpc.aio.Channel, *metadata: tuple[str, str]) -> str:
    """The same, by a stream."""
    stub = subjects_pb2_grpc.SubjectServiceStub(to)
    try:
        call = stub.WatchChanges(subjects_pb2.WatchChangesRequest(), metadata=metadata, timeout=20)
        return str((await call.read()).resume_token)
    except grpc.aio.AioRpcError as error:
        return error_info(error.trailing_metadata()).reason or error.code().name


def certificates(folder: Path, *names: tuple[str, str, int]) -> Path:
    """Certificates of an authority for a server and these callers (file, names, days), and of a stranger."""
    authority, other = Authority.make(folder, "authority"), Authority.make(folder, "other")
    authority.sign("server", "DNS:localhost,URI:spiffe://example.org/server")
    for name, subject, days in names:
        authority.sign(name, subject, days)
    other.sign("stranger", "URI:spiffe://example.org/fusion")
    return folder
