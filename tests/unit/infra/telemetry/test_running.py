from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context

import pytest

from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings
from infra.telemetry.instruments import Reading, listening
from infra.telemetry.metrics import calls
from infra.telemetry.otlp import Push
from infra.telemetry.running import Telemetry
from infra.telemetry.traces import call_begun, collector
from tests.support.telemetry.collector import collecting
from tests.support.telemetry.metrics import samples, scraped


@contextmanager
def started(settings: Settings) -> Iterator[Telemetry]:
    """Telemetry that runs."""
    telemetry = Telemetry(settings)
    telemetry.start(["a.Service"], [lambda: [Reading(calls.ADMITTED, 3)]])
    try:
        yield telemetry
    finally:
        telemetry.close()


def test_nothing_runs_by_default() -> None:
    """No port is opened, and nothing is counted."""
    with started(Settings()) as telemetry:
        assert (-1, 0) == (telemetry.port, listening.count)


def test_metrics_are_served() -> None:
    """Values that are read, counts and the process's own, on the port that was free; not after the end."""
    with started(Settings(metrics_port=0)) as telemetry:
        before = samples(scraped(telemetry.port))  # the counts are the process's: other tests have counted too
        calls.known("/a.Service/Method")
        calls.ended("/a.Service/Method", "OK", 15.0, None)
        calls.ended("/b.Service/x\n", "UNIMPLEMENTED", 15.0, None)
        found, port = samples(scraped(telemetry.port)), telemetry.port

    def counted(name: str, **labels: str) -> float:
        key = name, tuple(sorted(labels.items()))
        return found[key] - before.get(key, 0.0)

    of_call = {"code": "OK", "method": "Service/Method"}
    assert 3.0 == found["biofusion_calls_admitted", ()]
    assert 0.0 == counted("biofusion_call_seconds_bucket", le="0.01", **of_call)
    assert 1.0 == counted("biofusion_call_seconds_bucket", le="0.02", **of_call)
    assert 1.0 == counted("biofusion_call_seconds_count", code="UNIMPLEMENTED", method="unknown")
    resident, limit = (found[f"biofusion_memory_{each}_bytes", ()] for each in ("resident", "limit"))
    assert 0 < resident <= limit
    assert found["process_cpu_seconds_total", ()] > 0
    with pytest.raises(OSError, match="refused"):
        scraped(port)
    assert 0 == listening.count


def test_a_port_in_use_is_told() -> None:
    """The error names the setting, and nothing goes on running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationInvalid, match=f"port {port}.*BIOFUSION_METRICS_PORT"):
            Telemetry(Settings(metrics_port=port)).start([], [])
    assert 0 == listening.count


def test_metrics_and_spans_are_pushed() -> None:
    """A collector of OpenTelemetry gets what was measured, at the latest when the process ends."""
    with collecting() as (endpoint, kept):
        with started(Settings(otlp_endpoint=endpoint, trace_share=1.0)):
            calls.known("/a.Service/Method")
            work = copy_context().run(call_begun, "Service/Method", ())
            calls.ended("/a.Service/Method", "INTERNAL", 15.0, work)
        span = kept.spans["Service/Method"]
        assert ({"a.Service"}, "INTERNAL") == (kept.services, span.attributes[0].value.string_value)
        assert (2, 2, 0) == (span.kind, span.status.code, len(span.parent_span_id))  # a server's; an error
        assert 3.0 == kept.metrics["biofusion_calls_admitted"].gauge.data_points[0].as_double
        points = kept.metrics["biofusion_call_seconds"].histogram.data_points
        codes = [{each.key: each.value.string_value for each in point.attributes}["code"] for point in points]
        assert "INTERNAL" in codes
        assert list(calls.SECONDS) == list(points[0].explicit_bounds)
    assert collector.take is None


def test_metrics_are_pushed_while_the_process_runs() -> None:
    """And not only when it ends."""
    with collecting() as (endpoint, kept):
        push = Push(endpoint, "a.Service", 0.0, interval_s=0.01)
        assert kept.has_metrics.wait(30)
        push.close()
