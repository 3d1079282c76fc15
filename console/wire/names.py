"""Names of enumerations without their prefixes, as the messages files have them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from biofusion.type.v1 import modality_pb2


def name(enum: Any, value: int) -> str:
    """The name of a value, without the enumeration's own: `REVIEW_STATE_OPEN` → `OPEN`; UNSPECIFIED if unknown."""
    prefix = enum.Name(0).removesuffix("UNSPECIFIED")
    try:
        return str(enum.Name(value)).removeprefix(prefix)
    except ValueError:
        return "UNSPECIFIED"


def modality(value: int) -> str:
    """FACE, FINGERPRINT or IRIS."""
    return name(modality_pb2.Modality, value)


def position(value: int) -> str:
    """E.g. RIGHT_THUMB; UNKNOWN if it is not stated."""
    found = name(modality_pb2.Position, value)
    return "UNKNOWN" if found == "UNSPECIFIED" else found


def time_of(message: Any, field: str) -> datetime | None:
    """A time of a message, in UTC; None if it is unset."""
    return getattr(message, field).ToDatetime(UTC) if message.HasField(field) else None
