"""Images → face templates through gRPC, against the same extraction called in this process, same threads."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from biofusion.face.v1 import face_pb2, face_pb2_grpc
from biofusion.type.v1 import sample_pb2

from benchmarks.harness import Row, compare
from biometrics.template import Position
from cli.all_in_one import running
from infra.image import decode
from infra.models import asset
from infra.settings import Settings
from services.face.extractor import FaceExtractor

REQUESTS = 12


def measure() -> Row:
    """Twelve requests from as many callers as keep all workers busy, against as many threads without a wire."""
    image, cores = asset("portrait-astronaut"), os.cpu_count() or 1
    extractor, request = FaceExtractor.load(), face_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=image))
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(2 * cores) as callers,
        ThreadPoolExecutor(cores) as threads,
        running(Settings(store_url=f"sqlite:///{Path(folder) / 'store.db'}", log_level="WARNING")) as address,
        grpc.insecure_channel(address) as channel,
    ):
        stub = face_pb2_grpc.FaceServiceStub(channel)
        empty = min(_ms(lambda: stub.GetServiceInfo(face_pb2.GetServiceInfoRequest())) for _ in range(20))
        return compare(
            f"{REQUESTS} face images → templates over gRPC, {cores} workers",
            lambda: list(callers.map(lambda _: stub.ExtractTemplate(request), range(REQUESTS))),
            f"decoded and extracted in process, {cores} threads",
            lambda: list(threads.map(lambda _: extractor.extract(decode(image), Position.FACE), range(REQUESTS))),
            (empty, "the smallest call over the same wire"),
        )


def _ms(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begin)
