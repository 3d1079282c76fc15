"""The queries of requests."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from adapters.osia.faults import bad
from adapters.osia.reading.bodies import ACTIVE, INACTIVE

LONGEST = 2048
MOST_LISTED = 100_000
"""Most encounters of a gallery in one answer."""

_UNABLE = {
    "accuracyLevel": "there is one level of accuracy; decisions are taken at the service's error rates.",
    "serviceLevel": "there is one level of service.",
    "instance": "instances are not told apart.",
}
_INTEGERS = {
    "priority": (0, 9),
    "maxNbCand": (1, 100),
    "offset": (0, 2**53),
    "limit": (1, MOST_LISTED),
}
_WORDS = {"status": (ACTIVE, INACTIVE), "biometricType": ("FACE", "FINGER", "IRIS", "SIGNATURE", "UNKNOWN")}


def query_of(given: list[tuple[str, str]], known: frozenset[str], required: frozenset[str]) -> dict[str, Any]:
    """The values of a query.

    Args:
        given: names and texts, as they came.
        known: names that the operation has.
        required: those that it must have.

    Raises:
        Refused: one is unknown, missing, twice, empty, malformed, or asks for what cannot be honoured.
    """
    names = [name for name, _ in given]
    if not set(names) <= known:
        raise bad(f"The query has a parameter that this operation does not know. Known are {', '.join(sorted(known))}.")
    if len(set(names)) < len(names):
        raise bad("A parameter of the query is stated twice.")
    read = {name: _read(name, text) for name, text in given}
    for name in sorted(required):
        if name not in read:
            raise bad(f"{name}: it is required in the query.")
    return read


def _read(name: str, text: str) -> Any:
    if not text:
        raise bad(f"{name}: it is empty. Leave it out if it may be.")
    if len(text) > LONGEST:
        raise bad(f"{name}: it is longer than {LONGEST} characters.")
    if name in _UNABLE:
        raise bad(f"{name}: {_UNABLE[name]} Leave it out.")
    if name in _WORDS and text not in _WORDS[name]:
        raise bad(f"{name}: {', '.join(_WORDS[name])} are known.")
    if name in _INTEGERS:
        return _integer(name, text, *_INTEGERS[name])
    return _threshold(text) if name == "threshold" else text


def _integer(name: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 17 and low <= int(text) <= high):
        raise bad(f"{name}: an integer from {low} to {high} is needed.")
    return int(text)


def _threshold(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise bad("threshold: a number is needed.")
    return value


def within(query: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    """A number of the query; None if it is not there. Raises Refused: it is out of range."""
    value = query.get(name)
    if value is not None and not low <= value <= high:
        raise bad(f"{name}: {low:g} to {high:g} is allowed.")
    return value
