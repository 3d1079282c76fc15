"""A face service in a process of its own, and the memory it uses."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
from biofusion.face.v1 import face_pb2_grpc
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from soak.processes.usage import memory_mib

MAX_MESSAGE = [("grpc.max_send_message_length", 64 * 1024 * 1024)]
MIB = 2**20


@dataclass(frozen=True, slots=True)
class FaceService:
    """A running face service.

    Args:
        stub: stub of the service.
        pid: its process id.
    """

    stub: face_pb2_grpc.FaceServiceStub
    pid: int

    def extract(self, data: bytes, timeout: float = 60.0) -> grpc.StatusCode:
        """Call ExtractTemplate with an image; returns the status code."""
        request = matching_pb2.ExtractTemplateRequest(image=sample_pb2.Image(data=data))
        try:
            self.stub.ExtractTemplate(request, timeout=timeout)
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    def memory_mib(self) -> float:
        """Memory of the service and its decoder processes, MiB; shared pages count once."""
        return memory_mib(self.pid)


@contextmanager
def face_service() -> Iterator[FaceService]:
    """Run a face service on a port of its choice, with an empty store."""
    with tempfile.TemporaryDirectory(prefix="biofusion-") as folder:
        settings = {"BIOFUSION_STORE_URL": f"sqlite:///{folder}/store.db", "BIOFUSION_PORT": "0"}
        process = subprocess.Popen(
            [sys.executable, "-m", "services.face"], env=os.environ | settings, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr
        line = next(line for line in process.stderr if "listening on " in line)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop it
        with grpc.insecure_channel(line.split("listening on ")[1].split(": ")[0], MAX_MESSAGE) as channel:
            yield FaceService(face_pb2_grpc.FaceServiceStub(channel), process.pid)
        process.terminate()
        process.wait()
