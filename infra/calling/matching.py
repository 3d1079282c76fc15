"""Where the matching services are: with fusion in one process, or at addresses of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from biofusion.face.v1.face_pb2_grpc import FaceServiceStub
from biofusion.fingerprint.v1.fingerprint_pb2_grpc import FingerprintServiceStub
from biofusion.iris.v1.iris_pb2_grpc import IrisServiceStub

from infra.calling.channels import Service
from infra.settings import Settings

STUBS: dict[str, Callable[[Any], Any]] = {
    "face": FaceServiceStub,
    "fingerprint": FingerprintServiceStub,
    "iris": IrisServiceStub,
}
"""What makes a stub on a channel, whose calls are awaited if it is one of grpc.aio."""


def matching_services(fusion: str, settings: Settings) -> dict[str, list[Service[Any]]]:
    """Where each matching service may be: in fusion's process, or at its own address if that is another.

    Must be called inside a running event loop.

    Args:
        fusion: address of the fusion service.
        settings: `face_target` and its like.

    Raises:
        ConfigurationInvalid: one is on another machine and TLS is off.
    """
    return {
        name: [Service(target, settings, stub) for target in dict.fromkeys((fusion, _target(settings, name)))]
        for name, stub in STUBS.items()
    }


def _target(settings: Settings, name: str) -> str:
    return str(getattr(settings, f"{name}_target"))
