"""Records as they are exported: decisions in protobuf's JSON mapping, and only the records asked for."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from biofusion.type.v1 import decision_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError

from audit.reading import Record


def readable(record: Record) -> dict[str, Any]:
    """A record with its id, `INSTANCE/NUMBER`, and its decisions as objects; one that cannot be read stays as it is."""
    fields = record.fields
    return {"record": f"{record.instance}/{fields.get('n', '?')}", **_opened(fields)}


def _opened(value: Any) -> Any:
    if isinstance(value, list):
        return [_opened(each) for each in value]
    if isinstance(value, dict):
        return {name: _decision(each) if name == "decision" else _opened(each) for name, each in value.items()}
    return value


def _decision(value: Any) -> Any:
    try:
        return MessageToDict(decision_pb2.Decision.FromString(b64decode(value)))
    except (TypeError, ValueError, NotBase64, DecodeError):
        return value


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records are exported; "" and None: any.

    Args:
        since: earliest time, RFC 3339 in UTC.
        until: time before which they are.
        method: last part of the method's name, or all of it.
        outcome: of the decision, or the status of a call that failed.
        caller: who called.
        case: the case that was stated.
        hashes: at least one of these hashes of subjects is in the record.
    """

    since: str = ""
    until: str = ""
    method: str = ""
    outcome: str = ""
    caller: str = ""
    case: str = ""
    hashes: Collection[str] | None = None

    def takes(self, record: Record) -> bool:
        """Whether it is one of these."""
        if self.hashes is not None and not any(each.encode() in record.raw for each in self.hashes):
            return False
        fields = record.fields
        time, method = str(fields.get("time", "")), str(fields.get("method", ""))
        return (
            self.since <= time
            and (not self.until or time < self.until)
            and self.method in ("", method, method.rpartition("/")[2])
            and self.outcome in ("", fields.get("outcome"), fields.get("status"))
            and self.caller in ("", fields.get("caller"))
            and self.case in ("", fields.get("case"))
        )
