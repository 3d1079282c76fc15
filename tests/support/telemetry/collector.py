"""A collector of OpenTelemetry: a real server that keeps what it gets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


class Collected(metrics_service_pb2_grpc.MetricsServiceServicer, trace_service_pb2_grpc.TraceServiceServicer):
    """A collector of OpenTelemetry that keeps what it gets."""

    def __init__(self) -> None:
        self.metrics: dict[str, Any] = {}
        self.spans: dict[str, Any] = {}
        self.services: set[str] = set()
        self.has_metrics = Event()

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802  # gRPC's name, of both services
        """Keep metrics or spans."""
        if isinstance(request, metrics_service_pb2.ExportMetricsServiceRequest):
            found = [each for of in request.resource_metrics for scope in of.scope_metrics for each in scope.metrics]
            self.metrics |= {each.name: each for each in found}
            self.has_metrics.set()
            return metrics_service_pb2.ExportMetricsServiceResponse()
        for of in request.resource_spans:
            self.services |= {each.value.string_value for each in of.resource.attributes if each.key == "service.name"}
            self.spans |= {each.name: each for scope in of.scope_spans for each in scope.spans}
        return trace_service_pb2.ExportTraceServiceResponse()


@contextmanager
def collecting() -> Iterator[tuple[str, Collected]]:
    """A collector on a free port."""
    kept, server = Collected(), grpc.server(ThreadPoolExecutor(2))
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(kept, server)
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(kept, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}", kept
    finally:
        server.stop(None).wait()
