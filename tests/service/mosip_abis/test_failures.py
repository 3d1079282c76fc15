"""Requests that fail: with which number, and in which order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.service.mosip_abis.conftest import Inserted
from tests.support.mosip_abis.partner import Message, Partner, failed, found, insertion, new_id, now, request, search
from tests.support.mosip_abis.people import (
    MARK,
    broken_finger,
    document,
    empty_finger,
    eye,
    person,
    raw,
    without_data,
)
from tests.support.mosip_abis.share import EXPIRED, UNKNOWN, Share

GOOD: dict[str, Any] = {
    "id": "mosip.abis.insert",
    "version": "1.1",
    "requestId": None,
    "requesttime": "2026-01-02T03:04:05.678Z",
    "referenceId": None,
    "referenceURL": None,
}
MENDED = [
    ("14", {"id": "mosip.abis.insertion"}),
    ("13", {"version": "2.7"}),
    ("6", {"requestId": ...}),
    ("9", {"requesttime": ...}),
    ("15", {"requesttime": "yesterday"}),
    ("5", {"referenceId": ...}),
    ("8", {"referenceURL": ...}),
    ("4", {MARK: 1}),
]
"""What is wrong with a request, in the order in which it is told; `...` stands for no such field."""


def test_the_order(partner: Partner, shared: Share) -> None:
    """Of a request with many faults the first one of the stated order is told; mended, it is the next one."""
    good = {**GOOD, "referenceId": new_id(), "referenceURL": shared.put(person(131))}
    for number in range(len(MENDED)):
        message: Message = {**good, "requestId": new_id()}
        for _, wrong in reversed(MENDED[number:]):
            message |= wrong
        message = {name: value for name, value in message.items() if value is not ...}
        partner.send(message)
        assert MENDED[number][0] == failed(partner.receive())
    assert "1" == partner.ask({**good, "requestId": new_id()})["returnValue"]


@pytest.mark.parametrize("empty", [None, ""])
@pytest.mark.parametrize(
    ("field", "expected"),
    [("requestId", "6"), ("requesttime", "9"), ("referenceId", "5"), ("referenceURL", "8")],
)
def test_empty_fields(partner: Partner, field: str, expected: str, empty: str | None) -> None:
    """A field that is null or empty is as one that is not there."""
    message = {**insertion(new_id(), "http://127.0.0.1:9/"), field: empty}
    partner.send(message)
    assert expected == failed(partner.receive())


@pytest.mark.parametrize("time", ["2026-01-02", "2026-13-02T03:04:05.678Z", "", "2026-01-02 03:04", "1796049611"])
def test_times_that_are_none(partner: Partner, time: str) -> None:
    """The time of a request has a form; without a zone or of another form it is failure 15, and empty 9."""
    assert ("15" if time else "9") == failed(partner.ask(request("ping", requesttime=time)))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"NaN", b"[" * 100_000, b"\xc3\xa9", b"{}"])
@pytest.mark.parametrize("as_text", [False, True])
def test_bodies_that_are_no_request(partner: Partner, body: bytes, *, as_text: bool) -> None:
    """They are answered in kind with failure 4, and the next message is worked on."""
    partner.send_bytes(body, as_text=as_text)
    assert "4" == failed(partner.receive())
    assert as_text == partner.frames[-1].is_text
    assert "1" == partner.ask(request("ping"))["returnValue"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "11"),
        (without_data(), "11"),
        (raw(MARK.encode() * 8), "11"),
        (raw(b""), "11"),
        (b"no XML at all", "16"),
        (b"<BIR>", "16"),
        (person(132).replace(b"19785", b"19784"), "16"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]>' + person(132), "16"),
        (document(empty_finger()), "18"),
        (document(broken_finger()), "11"),
    ],
)
def test_documents_that_are_no_good(partner: Partner, shared: Share, data: bytes, expected: str) -> None:
    """Nothing is inserted of a document without data, of none, or of one without anything usable."""
    name = new_id()
    assert expected == failed(partner.insert(name, shared.put(data)))
    assert "12" == failed(partner.identify(name))


@pytest.mark.parametrize("bad", [empty_finger(), broken_finger()])
def test_one_bad_finger(partner: Partner, shared: Share, inserted: Inserted, bad: Any) -> None:
    """The rest of the document is inserted, and found."""
    identity = 133 if bad == empty_finger() else 134
    first, name = inserted(identity), new_id()
    assert "1" == partner.insert(name, shared.put(document(bad, eye(identity, 1))))["returnValue"]
    assert [first] == found(partner.identify(name))


def test_bytes_that_are_no_text(partner: Partner) -> None:
    """They are answered with failure 4."""
    partner.send_bytes(b"\xff\xfe", as_text=False)
    assert "4" == failed(partner.receive())


def test_a_search_by_what_is_no_good(partner: Partner, shared: Share) -> None:
    """A search by address fails as an insertion does."""
    assert "16" == failed(partner.identify(new_id(), referenceURL=shared.put(b"no XML")))
    assert "11" == failed(partner.identify(new_id(), referenceURL=shared.put(without_data())))
    assert "7" == failed(partner.identify(new_id(), referenceURL=shared.fail(UNKNOWN)))
    assert "17" == failed(partner.identify(new_id(), referenceURL=shared.fail(EXPIRED)))
    assert "12" == failed(partner.identify(new_id()))
    assert "5" == failed(partner.ask(search(None)))


def test_flags_that_are_none(partner: Partner, inserted: Inserted) -> None:
    """Flags that cannot be honoured are failure 4."""
    probe = inserted(135)
    for flags in ({"maxResults": "many"}, {"maxResults": "0"}, {"targetFPIR": "x"}, {"targetFPIR": "-3"}, [], "30"):
        assert "4" == failed(partner.identify(probe, flags=flags)), flags
    for gallery in ([], {"referenceIds": "a"}, {"referenceIds": [1]}, {"referenceIds": [{"referenceid": "a"}]}):
        assert "4" == failed(partner.ask(search(probe) | {"gallery": gallery})), gallery


def test_an_id_that_exists(partner: Partner, shared: Share, inserted: Inserted) -> None:
    """A new request with an old id is failure 10, also with the same document; the first one stays."""
    name, other = inserted(136), inserted(136, 1)
    for identity in (136, 137):
        assert "10" == failed(partner.insert(name, shared.put(person(identity))))
    assert [other] == found(partner.identify(name))


def test_an_answer_tells_nothing_else(partner: Partner) -> None:
    """The answer to a failed request has the fields of the interface alone, and its time is now."""
    before = now()
    answer = partner.ask(insertion(new_id(), None))
    assert {"id", "requestId", "responsetime", "returnValue", "failureReason"} == set(answer)
    assert before <= answer["responsetime"] <= now()
    assert "8" == answer["failureReason"]
    assert MARK not in json.dumps(answer)
