"""What the adapter never tells, whatever it is sent."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from infra.serving.logs.lines import JsonLines, OneLine
from infra.telemetry.traces import Span, collector
from tests.support.mosip_abis.partner import Partner, insertion, new_id, request, search
from tests.support.mosip_abis.people import MARK, broken_finger, document, eye, person, raw
from tests.support.mosip_abis.share import Share

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
    found: list[str] = []
    forms = OneLine("%(message)s"), JsonLines()

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.extend(form.format(record) for form in forms)

    kept, roots = Kept(), [logging.getLogger(name) for name in ("", "biofusion", "gallery", "stompman")]
    before = [each.level for each in roots]
    for each in roots:
        each.addHandler(kept)
        each.setLevel(logging.DEBUG)
    yield found
    for each, level in zip(roots, before, strict=True):
        each.removeHandler(kept)
        each.setLevel(level)


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    """The spans that are collected."""
    found: list[Span] = []
    collector.take, collector.share = found.append, 1.0
    yield found
    collector.take, collector.share = None, 0.0


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
