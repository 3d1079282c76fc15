"""Face templates from images over gRPC, against only decoding and running the models on as many threads."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
from biofusion.face.v1 import face_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from benchmarks.harness import Row, compare
from biometrics.template import Position
from cli.local.all_in_one import running
from infra.images.decode import decode
from infra.models.model_cache import asset, load_bytes
from infra.models.onnx_model import OnnxModel
from infra.settings import Settings
from infra.wire.connections import NO_PROXY
from services.face.extractor import FaceExtractor

REQUESTS = 12


class Recorded:
    """A model that records the inputs of its runs."""

    def __init__(self, name: str) -> None:
        self.model = OnnxModel.from_bytes(load_bytes(name))
        self.outputs = self.model.outputs
        self.inputs: list[dict[str, np.ndarray]] = []

    def run(self, **inputs: np.ndarray) -> list[np.ndarray]:
        """Run the model and record the inputs."""
        self.inputs.append(inputs)
        return self.run_again(inputs)

    def run_again(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Run the model without recording."""
        return list(self.model.run(**inputs))


def measure() -> Row:
    """Twelve requests by enough callers to keep all workers busy, against as many threads without gRPC."""
    image, cores = asset("portrait-astronaut"), os.cpu_count() or 1
    bare, request = _bare(image), matching_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=image))
    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(2 * cores) as callers,
        ThreadPoolExecutor(cores) as threads,
        running(Settings(store_url=f"sqlite:///{Path(folder) / 'store.db'}", log_level="WARNING")) as address,
        grpc.insecure_channel(address, [NO_PROXY]) as channel,
    ):
        stub = face_pb2_grpc.FaceServiceStub(channel)
        empty = min(_ms(lambda: stub.GetServiceInfo(matching_pb2.GetServiceInfoRequest())) for _ in range(20))
        return compare(
            f"{REQUESTS} face images → templates over gRPC, {cores} workers",
            lambda: list(callers.map(lambda _: stub.ExtractTemplate(request), range(REQUESTS))),
            f"decoded, and bare `session.run`, {cores} threads",
            lambda: list(threads.map(lambda _: bare(), range(REQUESTS))),
            (empty, "the smallest call over the same wire"),
        )


def _bare(image: bytes) -> Callable[[], None]:
    """A function that decodes the image and runs the models on the inputs they get in its extraction."""
    detector, embedder = Recorded("yunet"), Recorded("sface")
    FaceExtractor(detector, embedder).extract(decode(image), Position.FACE)  # type: ignore[arg-type]  # only what is used

    def run() -> None:
        decode(image)
        for model in (detector, embedder):
            for inputs in model.inputs:
                model.run_again(inputs)

    return run


def _ms(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begin)
