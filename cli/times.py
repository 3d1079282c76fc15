"""Times in options, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

TIME_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]


def expiry(at: datetime | None) -> Timestamp | None:
    """The time, taken as UTC, for the wire."""
    if at is None:
        return None
    time = Timestamp()
    time.FromDatetime(at.replace(tzinfo=UTC))
    return time
