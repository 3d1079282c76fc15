"""Segments: MOSIP's JSON form of the records (BIRs) of a CBEFF document, read and written."""

from __future__ import annotations

import base64
import binascii
from array import array
from dataclasses import dataclass, field
from typing import Any

from adapters.mosip_biosdk.codes import Refused, Status
from adapters.mosip_biosdk.envelope import Json

TYPES = ("FINGER", "FACE", "IRIS")
MOST_SEGMENTS = 64
_PURPOSES = ("ENROLL", "IDENTIFY", "VERIFY", "ENROLLVERIFY", "ENROLLIDENTIFY", "AUDIT")
_DATE, _TIME = ("year", "month", "day"), ("hour", "minute", "second", "nano")


@dataclass(frozen=True, slots=True)
class Segment:
    """One record.

    Args:
        where: its place in the request, for messages.
        type: what it is of: one of TYPES, another word that MOSIP has, or "" if it does not say.
        subtype: words of the position, e.g. "Left", "IndexFinger".
        format: organisation and type of the format of its data.
        purpose: of the capture.
        score: quality that it claims, 0–100.
        created: `creationDate` in Gson's form; None if it has none.
        is_exception: whether it stands for what could not be captured.
        data: the biometric data block (BDB); b"" if it has none.
        is_text: whether the data was base64, not a list of signed bytes.
    """

    where: str
    type: str
    subtype: tuple[str, ...]
    format: tuple[str, str]
    purpose: str
    score: int
    created: Json | None
    is_exception: bool
    data: bytes = field(repr=False)
    is_text: bool


def read(sample: object, where: str) -> tuple[Segment, ...]:
    """The segments of a BiometricRecord.

    Args:
        sample: its JSON.
        where: its place in the request, for messages.

    Raises:
        Refused: MISSING_INPUT if there is none; INVALID_INPUT if it is not of this form.
    """
    if sample is None:
        raise Refused(Status.MISSING_INPUT, f"{where} is missing.")
    segments = _of(sample, where).get("segments")
    if not isinstance(segments, list | None) or len(segments or ()) > MOST_SEGMENTS:
        raise _invalid(f"{where}.segments", f"is no list of at most {MOST_SEGMENTS} segments")
    return tuple(_segment(each, f"{where}.segments[{index}]") for index, each in enumerate(segments or ()))


def write(segments: list[Json]) -> Json:
    """A BiometricRecord."""
    return {
        "version": dict(_VERSION),
        "cbeffversion": dict(_VERSION),
        "birInfo": {"integrity": False},
        "segments": segments,
        "others": {},
    }


def changed(segment: Segment, data: bytes, form: tuple[str, str], level: str, score: int) -> Json:
    """A segment with other data in it, in the form in which the segment came. A seal of the data before is left out.

    Args:
        segment: as it came.
        data: in place of its data.
        form: organisation and type of the format of the data.
        level: how far processed: RAW, INTERMEDIATE or PROCESSED.
        score: its quality, 0–100.
    """
    information: Json = {
        "format": {"organization": form[0], "type": form[1]},
        "type": [segment.type],
        "subtype": list(segment.subtype) or None,
        "level": level,
        "purpose": segment.purpose,
        "quality": {
            "algorithm": {"organization": "Biofusion", "type": "1"},
            "score": score,
            "qualityCalculationFailed": None,
        },
    }
    if segment.created:
        information["creationDate"] = segment.created
    return {
        "version": dict(_VERSION),
        "cbeffversion": dict(_VERSION),
        "birInfo": {"integrity": False, "payload": []},
        "bdbInfo": information,
        "bdb": base64.b64encode(data).decode("ascii") if segment.is_text else memoryview(data).cast("b").tolist(),
        "sb": None,
        "sbInfo": None,
        "others": {},
        "birs": None,
    }


_VERSION = {"major": 1, "minor": 1}


def _segment(segment: object, where: str) -> Segment:
    found = _of(segment, where)
    information = _of(found.get("bdbInfo") or {}, f"{where}.bdbInfo")
    form = _of(information.get("format") or {}, f"{where}.bdbInfo.format")
    quality = _of(information.get("quality") or {}, f"{where}.bdbInfo.quality")
    others = _of(found.get("others") or {}, f"{where}.others")
    block, score, purpose = found.get("bdb"), quality.get("score"), information.get("purpose")
    words = _words(information.get("type"), f"{where}.bdbInfo.type")
    return Segment(
        where,
        words[0] if words else "",
        _words(information.get("subtype"), f"{where}.bdbInfo.subtype"),
        (str(form.get("organization") or ""), str(form.get("type") or "")),
        purpose if purpose in _PURPOSES else "ENROLL",
        score if isinstance(score, int) and 0 <= score <= 100 else 0,
        _created(information.get("creationDate")),
        str(others.get("EXCEPTION")).lower() == "true",
        _bytes(block, f"{where}.bdb"),
        isinstance(block, str),
    )


def _words(value: object, where: str) -> tuple[str, ...]:
    """Lists of words, of which one may be several: ["Left IndexFinger"]."""
    listed = [value] if isinstance(value, str) else value or []
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise _invalid(where, "is no list of words")
    return tuple(word for each in listed for word in each.split())


def _created(value: object) -> Json | None:
    """The form that Gson writes; any other is not answered again."""
    if not isinstance(value, dict):
        return None
    parts = {name: _whole(value.get(name), keys) for name, keys in (("date", _DATE), ("time", _TIME))}
    return parts if all(parts.values()) else None


def _whole(value: object, keys: tuple[str, ...]) -> Json | None:
    if not isinstance(value, dict) or not all(type(value.get(key)) is int for key in keys):
        return None
    return {key: value[key] for key in keys}


def _bytes(block: object, where: str) -> bytes:
    """Base64 text, or a list of bytes, signed as Java's are or not."""
    if block is None:
        return b""
    if isinstance(block, str):
        try:
            return base64.b64decode("".join(block.split()).replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            raise _invalid(where, "is no base64") from None
    if not isinstance(block, list):
        raise _invalid(where, "is neither base64 nor a list of bytes")
    for kind in ("b", "B"):
        try:
            return array(kind, block).tobytes()
        except (OverflowError, TypeError):
            continue
    raise _invalid(where, "is a list of something other than bytes")


def _of(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(where, "is no JSON object")
    return value


def _invalid(where: str, what: str) -> Refused:
    return Refused(Status.INVALID_INPUT, f"{where} {what}.")
