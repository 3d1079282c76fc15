"""Connects to the matching services."""

from __future__ import annotations

import grpc

from biometrics.template import Modality
from fusion.matching.diagnosis import Diagnoser
from fusion.matching.finger_matcher import GrpcFingerMatcher
from fusion.matching.matchers import GrpcMatcher
from infra.calibrations import names
from infra.serving.server import read_pem
from infra.wire.connections import matcher_options
from infra.wire.service_config import service_config


def connect(modality: Modality, target: str, max_message_bytes: int, authority: str = "") -> GrpcMatcher:
    """A matcher on a new channel to `target`, with TLS if the PEM file of a certificate authority is given.

    Must be called inside a running event loop. Retries and balancing are those of
    `fusion_grpc_service_config.json`.
    """
    options = (*matcher_options(max_message_bytes), ("grpc.service_config", service_config()))
    trusted = read_pem(authority) if authority else None
    if trusted is None:
        channel = grpc.aio.insecure_channel(target, options)
    else:
        channel = grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(trusted), options)
    kind = GrpcFingerMatcher if modality is Modality.FINGERPRINT else GrpcMatcher
    return kind(modality, channel, Diagnoser(modality.lower(), target, trusted), frozenset(names()))
