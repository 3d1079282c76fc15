"""Requests and answers → what a record says of them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from biofusion.type.v1 import modality_pb2
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from audit.keyed_hashes import HashKey
from fusion.wire.witness.fields import HOW, How

SAFE = re.compile(r"[A-Za-z0-9._:/+@=~-]{0,1024}")
"""Texts that are recorded as they are: names of galleries, tokens. Of others it is recorded that they were there."""

UNSAFE = "?"
"""Stands for any other text."""

MOST_LISTED = 100
"""Values of a repeated field that are recorded; of more only the first."""


def facts(message: Message | None, key: HashKey) -> dict[str, Any]:
    """What a record says of a message, by field; empty for None."""
    found: dict[str, Any] = {}
    if message is None:
        return found
    for field, value in message.ListFields():
        write = _WRITERS.get(HOW.get(field.name, How.LEFT_OUT))
        if write is not None:
            found[field.name] = write(field, value, key)
    return found


def _plain(field: FieldDescriptor, value: Any, key: HashKey) -> Any:
    if field.message_type is not None and field.message_type.full_name != Timestamp.DESCRIPTOR.full_name:
        return _count(field, value, key)
    return [_value(field, each) for each in value[:MOST_LISTED]] if field.is_repeated else _value(field, value)


def _value(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None:
        return _name(field.enum_type, value)
    if isinstance(value, str):
        return value if SAFE.fullmatch(value) else UNSAFE
    return value.ToJsonString() if field.message_type is not None else value


def _hashed(what: str) -> Callable[[FieldDescriptor, Any, HashKey], Any]:
    def write(field: FieldDescriptor, value: Any, key: HashKey) -> Any:
        if field.is_repeated:
            return [key.hash(what or field.name, each) for each in value[:MOST_LISTED]]
        return key.hash(what or field.name, value)

    return write


def _count(field: FieldDescriptor, value: Any, _key: HashKey) -> int:
    return len(value) if field.is_repeated else 1


def _within(field: FieldDescriptor, value: Any, key: HashKey) -> Any:
    return [facts(each, key) for each in value[:MOST_LISTED]] if field.is_repeated else facts(value, key)


def _decision(field: FieldDescriptor, value: Any, key: HashKey) -> str:
    """A decision that was made here; of one that a caller sends, which may hold any text, a keyed hash."""
    text = b64encode(value.SerializeToString()).decode()
    message = field.containing_type.name if field.containing_type else ""
    return key.hash(field.name, text) if message.endswith("Request") else text


def _samples(field: FieldDescriptor, value: Any, _key: HashKey) -> list[str]:
    samples: Sequence[Any] = value[:MOST_LISTED] if field.is_repeated else [value]
    return [
        f"{_name(modality_pb2.Modality.DESCRIPTOR, each.modality)}"
        f"/{_name(modality_pb2.Position.DESCRIPTOR, each.position)}/{each.WhichOneof('source') or ''}"
        for each in samples
    ]


@lru_cache(1024)
def _name(enum: EnumDescriptor, number: int) -> str:
    """A value's name without the name of its enum, e.g. MATCH; the number if it is of a newer version."""
    known = enum.values_by_number.get(number)
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper() + "_"
    return known.name.removeprefix(prefix) if known else str(number)


_WRITERS: dict[How, Callable[[Any, Any, HashKey], Any]] = {
    How.PLAIN: _plain,
    How.SUBJECT: _hashed("subject"),
    How.ENCOUNTER: _hashed("encounter"),
    How.HASHED: _hashed(""),
    How.COUNT: _count,
    How.SAMPLES: _samples,
    How.WITHIN: _within,
    How.DECISION: _decision,
}
