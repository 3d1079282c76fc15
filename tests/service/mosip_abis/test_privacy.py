"""What the adapter never tells, whatever it is sent."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from infra.telemetry.traces import Span
from tests.support.mosip_abis.partner import Partner, insertion, new_id, request, search
from tests.support.mosip_abis.people import MARK, broken_finger, document, eye, person, raw
from tests.support.mosip_abis.share import Share
from tests.support.telemetry.seen import seen_lines, seen_spans

WRITTEN = base64.b64encode(MARK.encode() * 3).decode()[4:24]
"""What is in the mark's base64 wherever it begins: it is repeated."""


def marked(shared: Share) -> list[dict[str, Any]]:
    """Requests with the mark in data blocks, in what is around them, in addresses, ids and all other fields."""
    named = f"{MARK}-{new_id()}"
    documents = [
        raw(MARK.encode() * 30),
        raw(b"FIR\x00020\x00" + MARK.encode() * 30),
        raw(MARK.encode(), MARK, MARK, MARK),
        document(broken_finger()),
        document(broken_finger(), eye(211)),
        person(212).replace(b"<Purpose>", f"<Purpose>{MARK}".encode()),
        f"<{MARK}>".encode(),
        MARK.encode(),
    ]
    return [
        *(insertion(new_id(), shared.put(each)) for each in documents),
        insertion(named, shared.put(person(213))),
        search(named),
        search(named, [f"{MARK}-other"]),
        request("delete", referenceId=named),
        insertion(new_id(), f"https://{MARK}.example.org/{MARK}"),
        insertion(new_id(), f"{shared.url('none')}?{MARK}"),
        insertion(new_id(), MARK),
        request("insert", referenceId=f"{MARK} ", referenceURL=MARK),
        request("ping", requesttime=MARK),
        request("ping", version=MARK),
        request(MARK),
        request("ping", **{MARK: MARK}),
        search(new_id(), flags={"targetFPIR": MARK}),
    ]


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """All lines that anything here logs, at DEBUG, as text and as JSON."""
    with seen_lines("", "biofusion", "gallery", "stompman") as found:
        yield found


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    """The spans that are collected."""
    with seen_spans() as found:
        yield found


def test_nobody_is_named(partner: Partner, shared: Share, lines: list[str], spans: list[Span]) -> None:
    """No line and no span has anything of a data block, an id or an address, whether a request succeeds or fails."""
    for each in marked(shared):
        partner.send(each)
        partner.receive()
    told = [*lines, *map(repr, spans)]
    assert any("EnrollSubject" in each for each in told)
    assert spans
    secrets = MARK, WRITTEN
    assert [] == [each for each in told if any(secret in each for secret in secrets)]
    assert [] == [each for each in told if shared.login_url in each or "token-" in each]
