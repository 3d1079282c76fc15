"""Requests: their JSON, checked in the order that MOSIP states."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from adapters.mosip_abis.failures import Failure, Refused
from infra.requests.idempotence import derived_uuid

VERSION = "1.1"
INSERT, IDENTIFY, DELETE = "mosip.abis.insert", "mosip.abis.identify", "mosip.abis.delete"
PING, PENDING, COUNT = "mosip.abis.ping", "mosip.abis.pendingJobs", "mosip.abis.referenceCount"
MOST_RESULTS = 100
"""Most candidates of an answer."""
LEAST_FPIR, MOST_FPIR = 1e-9, 0.5
"""False positive identification rates that fusion decides at."""

_COMMON = frozenset({"id", "version", "requestId", "requesttime"})
_KEYS = {
    INSERT: _COMMON | {"referenceId", "referenceURL"},
    IDENTIFY: _COMMON | {"referenceId", "referenceURL", "referenceUrl", "gallery", "flags"},
    DELETE: _COMMON | {"referenceId"},
    PING: _COMMON,
    PENDING: _COMMON,
    COUNT: _COMMON,
}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)
_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character, which JSON can name and UTF-8 cannot write."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be understood.

    Args:
        id: of the operation.
        request_id: MOSIP's.
        reference: id of the person, in lower case; "" for operations without, and in a search with what is at `url`.
        url: where samples are; "" without.
        within: ids that may be candidates, in lower case; empty: all.
        most: most candidates; None: as many as fusion names.
        fpir: false positive identification rate of the search; None: fusion's.
    """

    id: str
    request_id: str
    reference: str = ""
    url: str = field(default="", repr=False)
    within: frozenset[str] = frozenset()
    most: int | None = None
    fpir: float | None = None

    @property
    def name(self) -> str:
        """By which repetitions are known: a hash of operation and requestId."""
        return sha256(f"{self.id}\n{self.request_id}".encode()).hexdigest()

    @property
    def content(self) -> bytes:
        """A hash of what else is asked. A repetition may have another address: they expire."""
        asked = [self.reference, sorted(self.within), self.most, self.fpir]
        return sha256(json.dumps(asked).encode()).digest()

    def call_id(self, step: str) -> str:
        """The id of a request to fusion, equal for each repetition of this one."""
        return derived_uuid(f"mosip-abis\n{self.name}\n{self.reference}\n{step}")


def read(fields: Mapping[str, Any]) -> Request:
    """The request in a JSON object. Raises Refused: with the first failure in MOSIP's order."""
    known = _KEYS.get(str(fields.get("id")))
    if known is None:
        raise Refused(Failure.WRONG_ID)
    if str(fields.get("version")) != VERSION:
        raise Refused(Failure.WRONG_VERSION)
    request_id = _text(fields, "requestId", Failure.NO_REQUEST_ID)
    if not is_time(_text(fields, "requesttime", Failure.NO_REQUEST_TIME)):
        raise Refused(Failure.WRONG_TIME)
    name = str(fields["id"])
    url = _text(fields, "referenceURL") or _text(fields, "referenceUrl")
    reference = "" if "referenceId" not in known else _reference(fields, is_needed=name != IDENTIFY or not url)
    if name == INSERT and not url:
        raise Refused(Failure.NO_REFERENCE_URL)
    if any(value is not None and key not in known for key, value in fields.items()):
        raise Refused(Failure.NOT_UNDERSTOOD)
    if name != IDENTIFY:
        return Request(name, request_id, reference, url if name == INSERT else "")
    flags = _object(fields, "flags")
    return Request(name, request_id, reference, url, _within(fields), _most(flags), _fpir(flags))


def one_case(reference: str) -> str:
    """A referenceId as all of the adapter has it: they are UUIDs, which are equal in capitals and in small letters."""
    return reference.lower()


def is_time(text: str) -> bool:
    """Whether a text is a time in UTC as MOSIP writes it, e.g. 2020-03-29T07:01:24.692Z."""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(f"{text[:19]}+00:00")
    except ValueError:
        return False
    return True


def _text(fields: Mapping[str, Any], name: str, missing: Failure | None = None) -> str:
    """The text of a field; "" if there is none and `missing` is None."""
    value = fields.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        if missing:
            raise Refused(missing)
        return ""
    if not _is_text(value):
        raise Refused(Failure.NOT_UNDERSTOOD)
    return str(value)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not _HALF.search(value)


def _reference(fields: Mapping[str, Any], *, is_needed: bool) -> str:
    reference = _text(fields, "referenceId", Failure.NO_REFERENCE_ID if is_needed else None)
    if reference and not _ID.fullmatch(reference):
        raise Refused(Failure.NOT_UNDERSTOOD)
    return one_case(reference)


def _object(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(Failure.NOT_UNDERSTOOD)
    return value


def _within(fields: Mapping[str, Any]) -> frozenset[str]:
    gallery = _object(fields, "gallery")
    listed = gallery.get("referenceIds") or []
    if set(gallery) - {"referenceIds"} or not isinstance(listed, list):
        raise Refused(Failure.NOT_UNDERSTOOD)
    found = [each.get("referenceId") if isinstance(each, dict) else None for each in listed]
    if not all(map(_is_text, found)):
        raise Refused(Failure.NOT_UNDERSTOOD)
    return frozenset(one_case(str(each)) for each in found)


def _most(flags: Mapping[str, Any]) -> int | None:
    number = _number(flags, "maxResults")
    if number is None:
        return None
    if number < 1 or number != int(number):
        raise Refused(Failure.NOT_UNDERSTOOD)
    return min(int(number), MOST_RESULTS)


def _fpir(flags: Mapping[str, Any]) -> float | None:
    """A rate of p is told as round(-10 · log10 p): 30 stands for 0.001."""
    number = _number(flags, "targetFPIR")
    return None if number is None else min(MOST_FPIR, max(LEAST_FPIR, math.pow(10.0, -number / 10)))


def _number(flags: Mapping[str, Any], name: str) -> float | None:
    """A number, which may come as a text; None without one."""
    value = flags.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        raise Refused(Failure.NOT_UNDERSTOOD)
    return float(value)
