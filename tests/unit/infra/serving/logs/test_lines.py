from __future__ import annotations

import io
import json
import logging
from datetime import UTC, datetime

import pytest
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # compiled, and not in the stubs

from infra.serving.logs.lines import JsonLines, OneLine, is_of_ours, one_line
from infra.serving.request_ids import REQUEST_ID_HEADER, current_request_id, request_id_of
from infra.telemetry.traces import Trace, current_trace

FORGED = "x\n2026-01-01 00:00:00 INFO biofusion.call /a/B OK\r\x1b[2K\u2028\u202e"


def logged(*message: object, exc_info: object = None) -> list[str]:
    """The formatted lines of a record."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLine("%(levelname)s %(message)s"))
    record = logging.LogRecord("n", logging.INFO, "p", 1, str(message[0]), message[1:], exc_info)  # type: ignore[arg-type]
    handler.handle(record)
    return stream.getvalue().split("\n")[:-1]


def test_a_record_is_one_line() -> None:
    """Line ends, escape sequences and direction marks are escaped."""
    (line,) = logged("said %s", FORGED)
    assert r"INFO said x\n2026-01-01 00:00:00 INFO biofusion.call /a/B OK\r\x1b[2K\u2028\u202e" == line


def test_a_traceback_cannot_be_taken_for_records() -> None:
    """Its lines begin with a bar, whatever text the error has."""
    try:
        int(FORGED)
    except ValueError as error:
        lines = logged("failed", exc_info=(ValueError, ValueError(FORGED), error.__traceback__))
    assert "INFO failed" == lines[0]
    assert all(line.startswith("  | ") and line.isprintable() for line in lines[1:])


def test_ordinary_text_stays_as_it_is() -> None:
    """Also in other alphabets."""
    assert "/a.B/C é 日本 – 1.0 ms" == one_line("/a.B/C é 日本 – 1.0 ms")


@pytest.mark.parametrize("name", ["a" * 65, "", "a b", "a=b", "a\nb", "a\x1b[0m", "é", "a,b", 'a"b'])
def test_an_unsafe_request_id_is_replaced(name: str) -> None:
    """An id that could be taken for another part of a log line is not used."""
    assert name != request_id_of([(REQUEST_ID_HEADER, name)])


@pytest.mark.parametrize(
    "name", ["a", "4f5c1ce8-6df7-4ec6-9d1b-40d4ee2a2c5d", "Root:1-5759e988+bd8/62@x_y.z", "a" * 64]
)
def test_a_safe_request_id_is_kept(name: str) -> None:
    """Ids in the forms that callers and load balancers use."""
    assert name == request_id_of([("other", "x"), (REQUEST_ID_HEADER, name)])


@pytest.mark.parametrize(("error", "is_told"), [(cygrpc.ExecuteBatchError("gone"), False), (RuntimeError("bug"), True)])
def test_a_caller_that_goes_while_it_is_answered_is_not_logged(error: Exception, *, is_told: bool) -> None:
    """grpc.aio logs each with a traceback, which is dropped; its other lines are kept."""
    told = (type(error), error, None)
    record = logging.LogRecord("grpc", logging.ERROR, "p", 1, "%s raised in core", (type(error).__name__,), told)
    assert is_told is is_of_ours(record)


def test_a_line_has_the_time_of_its_record() -> None:
    """To the millisecond, as logging itself formats it, whatever line came before."""
    ours, other = OneLine("%(asctime)s %(message)s"), logging.Formatter("%(asctime)s %(message)s")
    for moment in (1e9, 1e9 + 0.25, 1e9 + 3600, 1e9 + 0.5):
        record = logging.makeLogRecord({"msg": "x", "created": moment, "msecs": 1000 * (moment % 1)})
        assert other.format(record) == ours.format(record)


def as_json(level: int, text: str, *facts: object, **extra: object) -> dict[str, object]:
    """A record formatted as JSON."""
    record = logging.LogRecord("biofusion.call", level, "p", 1, text, facts, None)
    record.__dict__ |= extra
    (line,) = JsonLines().format(record).splitlines()
    read: dict[str, object] = json.loads(line)
    return read


def test_a_record_is_one_object() -> None:
    """It has its time in UTC, its level, its logger and its message, whatever text that quotes."""
    line = as_json(logging.WARNING, "said %s", FORGED)
    assert (["WARNING", "biofusion.call"], f"said {FORGED}") == ([line["level"], line["logger"]], line["message"])
    assert datetime.fromisoformat(str(line["time"])).tzinfo == UTC
    assert {"time", "level", "logger", "message"} == set(line)


def test_the_line_of_a_call_has_its_ids_and_facts() -> None:
    """As fields of their own, by which lines of all services are joined."""
    ids = current_request_id.set("r-1"), current_trace.set(Trace("a" * 32, "b" * 16, is_sampled=False))
    line = as_json(logging.INFO, "ended", facts={"method": "/a.B/C", "code": "OK", "took_ms": 1.2})
    text = logged_call()
    current_request_id.reset(ids[0])
    current_trace.reset(ids[1])
    assert ("r-1", "a" * 32, "b" * 16) == (line["request_id"], line["trace_id"], line["span_id"])
    assert ("/a.B/C", "OK", 1.2) == (line["method"], line["code"], line["took_ms"])
    assert f"ended trace_id={'a' * 32}" == text


def test_a_traceback_is_a_field() -> None:
    """It is in the same object as its record."""
    error = ValueError("wrong")
    assert "ValueError: wrong" in str(as_json(logging.ERROR, "failed", exc_info=(ValueError, error, None))["error"])


def logged_call() -> str:
    """The text line of a call's end."""
    record = logging.LogRecord("n", logging.INFO, "p", 1, "ended", (), None)
    record.__dict__["facts"] = {}
    return OneLine("%(message)s").format(record)
