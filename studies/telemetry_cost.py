"""`python -m studies.telemetry_cost`: the time of one measurement by OpenTelemetry's SDK and by the own instruments.

Decision 0052. CPU time of one thread, the least of ten runs, µs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from infra.telemetry.metrics.calls import CALL_SECONDS, REFUSED
from infra.telemetry.readings import watched

RUNS, TIMES = 10, 5_000
LABELS = {"method": "DecisionService/VerifySubject", "code": "OK"}


class Dropped(SpanExporter):
    """Sends nothing anywhere."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:  # noqa: ARG002 - the port's
        """See SpanExporter."""
        return SpanExportResult.SUCCESS


def main() -> None:
    """Print the times."""
    meter = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False).get_meter("cost")
    histogram, counter = meter.create_histogram("histogram"), meter.create_counter("counter")
    spans = TracerProvider(shutdown_on_exit=False)
    spans.add_span_processor(BatchSpanProcessor(Dropped()))
    tracer = spans.get_tracer("cost")

    def span() -> None:
        with tracer.start_as_current_span("span", attributes=LABELS):
            pass

    _print("OpenTelemetry, histogram", lambda: histogram.record(0.01, LABELS))
    _print("OpenTelemetry, counter", lambda: counter.add(1, LABELS))
    _print("OpenTelemetry, span", span)
    _print("own histogram, nobody listens", lambda: CALL_SECONDS.record(0.01, *LABELS.values()))
    with watched():
        _print("own histogram", lambda: CALL_SECONDS.record(0.01, *LABELS.values()))
        _print("own counter", lambda: REFUSED.add(1, "DecisionService/VerifySubject"))
    spans.shutdown()


def _print(what: str, work: Callable[[], None]) -> None:
    print(f"{what}: {min(_us(work) for _ in range(RUNS)):.2f} µs")


def _us(work: Callable[[], None]) -> float:
    begin = time.thread_time()
    for _ in range(TIMES):
        work()
    return 1e6 * (time.thread_time() - begin) / TIMES


if __name__ == "__main__":
    main()
