"""Connects to the matching services."""

from __future__ import annotations

from functools import partial
from typing import Any

import grpc

from biometrics.errors import ConfigurationInvalid
from biometrics.template import Modality
from fusion.matching.diagnosis import Diagnoser
from fusion.matching.finger_matcher import GrpcFingerMatcher
from fusion.matching.matchers import GrpcMatcher
from fusion.matching.renewed_channel import RenewedChannel
from infra.calibrations import names
from infra.identity.tls_files import Pem, TlsFiles
from infra.settings import Settings
from infra.wire.addresses import is_this_machine
from infra.wire.connections import matcher_options
from infra.wire.service_config import service_config


def connect_all(settings: Settings) -> dict[Modality, GrpcMatcher]:
    """Connect to the matching services at the configured targets.

    Raises:
        ConfigurationInvalid: see `connect`; or a target is on another machine, there is no TLS, and no mesh is stated.
    """
    targets = {
        Modality.FACE: settings.face_target,
        Modality.FINGERPRINT: settings.fingerprint_target,
        Modality.IRIS: settings.iris_target,
    }
    for modality, target in targets.items():
        require_safe(settings, modality, target)
    files = files_of(settings)
    return {modality: connect(modality, each, settings.max_message_bytes, files) for modality, each in targets.items()}


def require_safe(settings: Settings, name: str, target: str) -> None:
    """Return if calls to the target are protected, or stay on this machine.

    Raises:
        ConfigurationInvalid: it is on another machine, there is no TLS, and no mesh is stated.
    """
    if not (settings.tls_authority or settings.allow_insecure_bind or is_this_machine(target)):
        raise ConfigurationInvalid(
            f"BIOFUSION_{name}_TARGET={target} is on another machine and TLS is off. "
            "Set BIOFUSION_TLS_AUTHORITY, or "
            "BIOFUSION_ALLOW_INSECURE_BIND=true if something else protects the traffic."
        )


def files_of(settings: Settings) -> TlsFiles | None:
    """The own certificate and the authority that is trusted; None without TLS. Raises ConfigurationInvalid."""
    if not settings.tls_authority:
        return None
    return TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_authority)


def connect(modality: Modality, target: str, max_message_bytes: int, files: TlsFiles | None = None) -> GrpcMatcher:
    """A matcher on a new channel to `target`, with TLS if there are files.

    The files' certificate is shown to the service, and the service must have one of their authority with the target's
    host among its names. Must be called inside a running event loop. Retries and balancing are those of
    `fusion_grpc_service_config.json`.
    """
    channel = channel_to(target, max_message_bytes, files)
    kind = GrpcFingerMatcher if modality is Modality.FINGERPRINT else GrpcMatcher
    return kind(modality, channel, Diagnoser(modality.lower(), target, files), frozenset(names()))


def channel_to(target: str, max_message_bytes: int, files: TlsFiles | None) -> Any:
    """A channel to another service of this project; see `connect`."""
    options = (*matcher_options(max_message_bytes), ("grpc.service_config", service_config()))
    if files:
        return RenewedChannel(files, partial(_secure, target, options))
    return grpc.aio.insecure_channel(target, options)


def _secure(target: str, options: tuple[tuple[str, str | int], ...], pem: Pem) -> grpc.aio.Channel:
    shown = grpc.ssl_channel_credentials(pem.authority, pem.key or None, pem.certificate or None)
    return grpc.aio.secure_channel(target, shown, options)
