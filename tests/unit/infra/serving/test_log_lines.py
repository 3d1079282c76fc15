from __future__ import annotations

import io
import logging

import pytest
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # compiled, and not in the stubs

from infra.serving.log_lines import OneLine, is_of_ours, one_line
from infra.serving.request_ids import REQUEST_ID_HEADER, request_id_of

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
