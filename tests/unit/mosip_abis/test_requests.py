"""Requests of MOSIP's ABIS interface, checked in its order."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.mosip_abis.failures import Failure, Refused
from adapters.mosip_abis.requests import Request, is_time, read

INSERT = {
    "id": "mosip.abis.insert",
    "version": "1.1",
    "requestId": "r-1",
    "requesttime": "2020-03-29T07:01:24.692Z",
    "referenceId": "p-1",
    "referenceURL": "https://share.example.org/1",
}
IDENTIFY = {**INSERT, "id": "mosip.abis.identify", "referenceURL": ""}


def failure(fields: dict[str, Any]) -> Failure:
    """Why a request is refused."""
    with pytest.raises(Refused) as caught:
        read(fields)
    return caught.value.failure


def test_an_insert_is_read() -> None:
    """All of its fields are taken."""
    url = "https://share.example.org/1"
    assert Request("mosip.abis.insert", "r-1", "p-1", url) == read(INSERT)


def test_the_order_of_the_checks() -> None:
    """Of everything that is wrong with a request, what MOSIP checks first is told."""
    wrong: dict[str, Any] = {"id": "mosip.abis.enrol", "version": "2", "requesttime": "", "unknown": 1}
    steps = [
        (Failure.WRONG_ID, "id", "mosip.abis.insert"),
        (Failure.WRONG_VERSION, "version", "1.1"),
        (Failure.NO_REQUEST_ID, "requestId", "r-1"),
        (Failure.NO_REQUEST_TIME, "requesttime", "yesterday"),
        (Failure.WRONG_TIME, "requesttime", INSERT["requesttime"]),
        (Failure.NO_REFERENCE_ID, "referenceId", "p-1"),
        (Failure.NO_REFERENCE_URL, "referenceURL", INSERT["referenceURL"]),
    ]
    for expected, name, mended in steps:
        assert expected == failure(wrong)
        wrong[name] = mended
    assert Failure.NOT_UNDERSTOOD == failure(wrong)
    del wrong["unknown"]
    assert "p-1" == read(wrong).reference


@pytest.mark.parametrize("name", ["requestId", "referenceId", "referenceURL"])
def test_null_is_missing(name: str) -> None:
    """A field that is null or empty is missing; one that is null and not known is not there."""
    assert failure({**INSERT, name: None}) == failure({**INSERT, name: ""})
    assert read(INSERT) == read({**INSERT, "gallery": None})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-03-29T07:01:24.692Z", True),
        ("2020-03-29T07:01:24Z", True),
        ("2020-02-30T07:01:24.692Z", False),
        ("2020-03-29 07:01:24.692Z", False),
        ("2020-03-29T07:01:24.692+05:30", False),
        ("2020-03-29T07:01:24.692", False),
        ("٢٠٢٠-03-29T07:01:24.692Z", False),
    ],
)
def test_times(text: str, *, expected: bool) -> None:
    """A time is in UTC, with or without fractions of a second."""
    assert expected == is_time(text)


def test_whom_a_search_is_for() -> None:
    """A search is with a person, or with what is at an address: one of them is needed, by either of its names."""
    assert Failure.NO_REFERENCE_ID == failure({**IDENTIFY, "referenceId": None})
    for name in ("referenceURL", "referenceUrl"):
        found = read({**IDENTIFY, "referenceId": None, name: "https://share.example.org/2"})
        assert ("", "https://share.example.org/2") == (found.reference, found.url)


def test_flags() -> None:
    """Flags may be numbers or texts; those that are not known are passed over; 30 stands for a rate of 0.001."""
    plain = read({**IDENTIFY, "flags": {"maxResults": 5, "targetFPIR": 30}})
    assert (5, pytest.approx(0.001)) == (plain.most, plain.fpir)
    assert plain == read({**IDENTIFY, "flags": {"maxResults": "5", "targetFPIR": "30", "flag1": "x"}})
    assert (None, None) == (read(IDENTIFY).most, read(IDENTIFY).fpir)
    bounds = read({**IDENTIFY, "flags": {"maxResults": "1000", "targetFPIR": "200"}})
    assert (100, 1e-9) == (bounds.most, bounds.fpir)


@pytest.mark.parametrize(
    "more",
    [
        {"flags": {"maxResults": "0"}},
        {"flags": {"maxResults": "1.5"}},
        {"flags": {"targetFPIR": "-30"}},
        {"flags": {"targetFPIR": "nan"}},
        {"flags": {"targetFPIR": True}},
        {"flags": []},
        {"gallery": {"referenceIds": "p-2"}},
        {"gallery": {"referenceIds": [{"id": "p-2"}]}},
        {"gallery": {"persons": []}},
        {"referenceId": "a b"},
        {"referenceId": "p" * 129},
        {"requestId": 5},
        {"requestId": "\ud800"},
        {"gallery": {"referenceIds": [{"referenceId": "\udfff"}]}},
    ],
)
def test_what_cannot_be_understood(more: dict[str, Any]) -> None:
    """Values of another kind than MOSIP's are refused."""
    assert Failure.NOT_UNDERSTOOD == failure({**IDENTIFY, **more})


def test_galleries() -> None:
    """All ids of a gallery are taken; an empty list is no restriction."""
    listed = {"referenceIds": [{"referenceId": "p-2"}, {"referenceId": "p-3"}]}
    assert {"p-2", "p-3"} == read({**IDENTIFY, "gallery": listed}).within
    assert frozenset() == read({**IDENTIFY, "gallery": {"referenceIds": []}}).within


@pytest.mark.parametrize("operation", ["insert", "identify", "delete"])
def test_capitals_of_ids(operation: str) -> None:
    """A person's id is the same in capitals and in small letters, in every operation and in galleries."""
    head = {name: value for name, value in INSERT.items() if not name.startswith("reference")}
    more = {"referenceURL": INSERT["referenceURL"]} if operation == "insert" else {}
    asked = {**head, "id": f"mosip.abis.{operation}", "referenceId": "p-1", **more}
    assert read(asked) == read({**asked, "referenceId": "P-1"})
    if operation == "identify":
        small, large = ({"referenceIds": [{"referenceId": each}]} for each in ("p-2", "P-2"))
        assert read({**asked, "gallery": small}) == read({**asked, "gallery": large})


def test_repetitions_are_known() -> None:
    """A repetition has the same name and ids of its calls, also at another time or address; other content is seen."""
    first, again = (
        read(INSERT),
        read({**INSERT, "requesttime": "2021-01-01T00:00:00Z", "referenceURL": "https://b.org/"}),
    )
    assert (first.name, first.content) == (again.name, again.content)
    assert first.call_id("enrol") == again.call_id("enrol") != first.call_id("other")
    other = read({**INSERT, "referenceId": "p-2"})
    assert first.name == other.name
    assert first.content != other.content
    assert first.call_id("enrol") != other.call_id("enrol")
    assert first.name != read({**INSERT, "requestId": "r-2"}).name
