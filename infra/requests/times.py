"""Times in messages."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.message import Message

from biometrics.errors import FieldInvalid


def time_from_wire(message: Message, field: str) -> datetime | None:
    """A time in a field of a message; None if it is not set.

    Raises:
        FieldInvalid: it is none of the years 1 to 9999, or has more than a second of nanoseconds.
    """
    if not message.HasField(field):
        return None
    try:
        found: datetime = getattr(message, field).ToDatetime(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldInvalid(field, "it is no time of the years 1 to 9999.") from error
    return found
