"""Image → face template through gRPC, against the same extraction called in this process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
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


def measure() -> Row:
    """One portrait, one request at a time."""
    image = asset("portrait-astronaut")
    extractor = FaceExtractor.load()
    request = face_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=image))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store_url=f"sqlite:///{Path(folder) / 'store.db'}", log_level="WARNING")
        with running(settings) as address, grpc.insecure_channel(address) as channel:
            stub = face_pb2_grpc.FaceServiceStub(channel)
            empty = min(_ms(lambda: stub.GetServiceInfo(face_pb2.GetServiceInfoRequest())) for _ in range(20))
            return compare(
                "face image → template over gRPC",
                lambda: stub.ExtractTemplate(request),
                "same, in process",
                lambda: extractor.extract(decode(image), Position.FACE),
                (empty, "the smallest call over the same wire"),
            )


def _ms(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - begin)
