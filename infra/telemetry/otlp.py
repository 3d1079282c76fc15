"""Sends metrics and spans to an OpenTelemetry collector by OTLP over gRPC."""

from __future__ import annotations

import time
from importlib.metadata import version
from threading import Event, Thread

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import export as otel
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

from infra.telemetry.instruments import Histogram, Instrument, Point
from infra.telemetry.readings import collected
from infra.telemetry.traces import Span, Trace, collector

INTERVAL_S = 15.0
"""Seconds between two exports of the metrics."""

SCOPE = InstrumentationScope("biofusion")
_CUMULATIVE = otel.AggregationTemporality.CUMULATIVE


class Push:
    """Sends until it is closed. A collector that does not answer costs no call anything: what waits is dropped.

    Args:
        endpoint: of the collector, e.g. `http://collector:4317`; `https://` uses TLS.
        service: name of this service.
        share: share of the calls without a `traceparent` whose spans are sent, 0–1.
        interval_s: seconds between two exports of the metrics.
    """

    def __init__(self, endpoint: str, service: str, share: float, interval_s: float = INTERVAL_S) -> None:
        self._resource = Resource.create({"service.name": service, "service.version": version("biofusion")})
        self._metrics = OTLPMetricExporter(endpoint)
        self._spans = BatchSpanProcessor(OTLPSpanExporter(endpoint))
        self._begin_ns, self._interval_s = time.time_ns(), interval_s
        self._ended = Event()
        self._thread = Thread(target=self._run, name="otlp", daemon=True)
        collector.take, collector.share = self._take, share
        self._thread.start()

    def close(self) -> None:
        """Send what there is, and end."""
        collector.take = None
        self._ended.set()
        self._thread.join()
        self._spans.shutdown()  # type: ignore[no-untyped-call]  # of the SDK
        self._metrics.shutdown()

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._ended.wait(self._interval_s)
            self._metrics.export(self._all())

    def _all(self) -> otel.MetricsData:
        metrics = [metric(each, points, self._begin_ns) for each, points in collected()]
        scope = otel.ScopeMetrics(SCOPE, metrics, "")
        return otel.MetricsData([otel.ResourceMetrics(self._resource, [scope], "")])

    def _take(self, span: Span) -> None:
        self._spans.on_end(readable(span, self._resource))


def metric(instrument: Instrument, points: list[Point], begin_ns: int) -> otel.Metric:
    """An instrument's series as OpenTelemetry has them, counted since `begin_ns`, in nanoseconds since 1970."""
    now = time.time_ns()
    labelled = [(dict(zip(instrument.labels, each.labels, strict=True)), each) for each in points]
    if isinstance(instrument, Histogram):
        filled = [
            otel.HistogramDataPoint(
                labels, begin_ns, now, sum(each.counts), each.value, each.counts, instrument.bounds, 0.0, 0.0
            )
            for labels, each in labelled
        ]
        return otel.Metric(instrument.name, instrument.doc, "", otel.Histogram(filled, _CUMULATIVE))
    numbers = [otel.NumberDataPoint(labels, begin_ns, now, each.value) for labels, each in labelled]
    is_sum = instrument.kind == "counter"
    data = otel.Sum(numbers, _CUMULATIVE, is_monotonic=True) if is_sum else otel.Gauge(numbers)
    return otel.Metric(instrument.name, instrument.doc, "", data)


def readable(span: Span, resource: Resource) -> ReadableSpan:
    """A span as OpenTelemetry has it."""
    parent = _context(Trace(span.of.trace_id, span.parent_id, is_sampled=True)) if span.parent_id else None
    return ReadableSpan(
        span.name,
        _context(span.of),
        parent,
        resource,
        dict(span.labels),
        kind=SpanKind.SERVER if span.is_call else SpanKind.INTERNAL,
        status=Status(StatusCode.ERROR if span.has_failed else StatusCode.UNSET),
        start_time=span.begin_ns,
        end_time=span.end_ns,
        instrumentation_scope=SCOPE,
    )


def _context(of: Trace) -> SpanContext:
    flags = TraceFlags(TraceFlags.SAMPLED)
    return SpanContext(int(of.trace_id, 16), int(of.span_id, 16), is_remote=False, trace_flags=flags)
