"""Cases ↔ the JSON that the store keeps."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, fields
from typing import Any

from biometrics.errors import RecordUnreadable
from gallery.store.documents.port import Document
from review.case import Callback, CallbackState, Case, Claim, Event, GivenVerdict, Role, Verdict, VerdictReason
from review.states import ReviewState

log = logging.getLogger(__name__)

FORMAT = 1


def case_bytes(case: Case) -> bytes:
    """A case as its document has it; its version is the document's."""
    values = {name: value for name, value in asdict(case).items() if name != "version"}
    return json.dumps({"format": FORMAT, **values}, separators=(",", ":"), ensure_ascii=False).encode()


def case_of(document: Document) -> Case:
    """The case in a document.

    Raises:
        RecordUnreadable: it is damaged, or of a newer version.
    """
    try:
        values: dict[str, Any] = json.loads(document.body)
        if values.pop("format") != FORMAT:
            raise RecordUnreadable("The review case was written by a newer version.")
        claim, resolution = values.pop("claim"), values.pop("resolution")
        return Case(
            **_plain(values),
            state=ReviewState(values["state"]),
            claim=_claim(claim) if claim else None,
            verdicts=tuple(map(_verdict, values["verdicts"])),
            resolution=Verdict(resolution) if resolution else None,
            history=tuple(Event(each["time"], ReviewState(each["state"]), each["actor"]) for each in values["history"]),
            callback=_callback(values["callback"]),
            version=document.version,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordUnreadable("The review case is damaged.") from error


def readable(document: Document | None) -> Case | None:
    """The case in a document; None if there is no document, or what is in it cannot be read, which is logged."""
    try:
        return case_of(document) if document else None
    except RecordUnreadable as error:
        log.warning("A review case is left out: %s", error.message)
        return None


_MADE = {"state", "claim", "verdicts", "resolution", "history", "callback", "version"}
_PLAIN = [each.name for each in fields(Case) if each.name not in _MADE]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _PLAIN}


def _claim(values: dict[str, Any]) -> Claim:
    return Claim(values["reviewer"], Role(values["role"]), values["end_time"])


def _verdict(values: dict[str, Any]) -> GivenVerdict:
    return GivenVerdict(
        values["reviewer"],
        Role(values["role"]),
        Verdict(values["verdict"]),
        VerdictReason(values["reason"]),
        values["note"],
        values["time"],
    )


def _callback(values: dict[str, Any]) -> Callback:
    return Callback(**{**values, "state": CallbackState(values["state"])})
