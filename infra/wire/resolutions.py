"""Resolutions and their sources ↔ wire."""

from __future__ import annotations

from biofusion.type.v1 import sample_pb2

from biometrics.resolution import Resolution, ResolutionSource
from infra.wire.enums import Names

RESOLUTION_SOURCES = Names(ResolutionSource, sample_pb2.ResolutionSource, "RESOLUTION_SOURCE_")


def resolution_to_wire(resolution: Resolution) -> sample_pb2.Resolution:
    """The resolution that was used."""
    return sample_pb2.Resolution(
        horizontal_dpi=resolution.horizontal_dpi,
        vertical_dpi=resolution.vertical_dpi,
        source=sample_pb2.ResolutionSource.Value(f"RESOLUTION_SOURCE_{resolution.source}"),
    )


def resolution_from_wire(resolution: sample_pb2.Resolution) -> Resolution | None:
    """The resolution that another service used; None if this version does not know its source."""
    source = RESOLUTION_SOURCES.known(resolution.source)
    return Resolution(resolution.horizontal_dpi, resolution.vertical_dpi, source) if source else None
