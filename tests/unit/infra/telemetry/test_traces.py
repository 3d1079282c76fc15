from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

import pytest

from infra.telemetry.metrics.stages import stage
from infra.telemetry.traces import (
    HEADER,
    Span,
    Trace,
    call_begun,
    collector,
    current_trace,
    metadata_of_trace,
    trace_of,
)
from tests.support.telemetry.seen import seen_spans

SENT = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
UNSAMPLED = SENT[:-1] + "0"


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    """The spans that are collected."""
    with seen_spans() as found:
        yield found


@pytest.mark.parametrize(
    "header",
    ["", "00", SENT.upper(), SENT + "-x", "ff" + SENT[2:], SENT.replace("a", "0"), SENT.replace("b", "0"), SENT[1:]],
)
def test_a_header_of_another_form_names_no_trace(header: str) -> None:
    """It is ignored, as the standard demands; text of callers gets into no log line by it."""
    assert trace_of(header) is None


def test_a_header_is_read_and_written() -> None:
    """Later versions may have more parts, and are read as this one."""
    assert Trace("a" * 32, "b" * 16, is_sampled=True) == trace_of(SENT)
    assert trace_of(SENT) == trace_of("01" + SENT[2:] + "-more")
    assert SENT == Trace("a" * 32, "b" * 16, is_sampled=True).header


def test_a_trace_is_passed_on_though_nobody_collects_it() -> None:
    """Calls made for this one carry the header unchanged."""
    context = copy_context()
    assert context.run(call_begun, "Some/Method", [("other", "x"), (HEADER, SENT)]) is None
    assert ((HEADER, SENT),) == context.run(metadata_of_trace)
    assert () == metadata_of_trace()


def test_a_call_that_is_not_sampled_has_no_span(spans: list[Span]) -> None:
    """Its trace goes on as it came."""
    context = copy_context()
    assert context.run(call_begun, "Some/Method", [(HEADER, UNSAMPLED)]) is None
    context.run(_stage)
    assert (((HEADER, UNSAMPLED),), []) == (context.run(metadata_of_trace), spans)


def test_spans_of_a_call_and_its_stage(spans: list[Span]) -> None:
    """A stage is a part of its call, and that of what its caller did."""
    context = copy_context()
    work = context.run(call_begun, "Some/Method", [(HEADER, SENT)])
    context.run(_stage)
    assert work is not None
    work.ended(("rpc.grpc.status", "OK"), has_failed=False)
    part, whole = spans
    assert ("fusion rank", "Some/Method") == (part.name, whole.name)
    assert (whole.of.span_id, "b" * 16) == (part.parent_id, whole.parent_id)
    assert {"a" * 32} == {each.of.trace_id for each in spans}
    assert (("rpc.grpc.status", "OK"),) == whole.labels
    assert whole.begin_ns <= part.begin_ns <= part.end_ns <= whole.end_ns


def test_a_call_without_a_trace_begins_one(spans: list[Span]) -> None:
    """The share of them that is sampled is recorded; of the others the header says so."""
    begun = copy_context()
    assert begun.run(call_begun, "Some/Method", ()) is not None
    collector.share = 0.0
    other = copy_context()
    assert other.run(call_begun, "Some/Method", ()) is None
    ((_, sampled),), ((_, not_sampled),) = begun.run(metadata_of_trace), other.run(metadata_of_trace)
    assert ("01", "00", []) == (sampled[-2:], not_sampled[-2:], spans)


def test_a_stage_that_fails_is_told_so(spans: list[Span]) -> None:
    """And the trace is that of the call again."""
    token = current_trace.set(trace_of(SENT))
    with pytest.raises(KeyError), stage("fusion", "rank"):
        raise KeyError
    assert trace_of(SENT) == current_trace.get()
    current_trace.reset(token)
    assert [True] == [each.has_failed for each in spans]


def _stage() -> None:
    with stage("fusion", "rank"):
        pass
