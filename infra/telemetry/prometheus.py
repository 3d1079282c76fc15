"""The metrics endpoint for Prometheus: `GET /metrics` on a port of its own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings
from infra.telemetry.instruments import Histogram, Instrument, Point
from infra.telemetry.readings import collected

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Endpoint:
    """Serves the metrics of this process until it is closed, with the certificate of the service if it has one.

    Each connection is made with the certificate that the files hold then, or the last good one.

    Args:
        settings: host, port and TLS.

    Raises:
        ConfigurationInvalid: the port cannot be listened on.
    """

    def __init__(self, settings: Settings) -> None:
        registry = CollectorRegistry()
        registry.register(_Collected())
        ProcessCollector(registry=registry)
        try:
            started = start_http_server(
                settings.metrics_port,
                settings.host,
                registry,
                certfile=settings.tls_certificate or None,
                keyfile=settings.tls_key or None,
            )
        except OSError as error:
            raise ConfigurationInvalid(
                f"Cannot serve metrics on port {settings.metrics_port}: {error.strerror}. "
                "Set BIOFUSION_METRICS_PORT to a free port, or to -1 for none."
            ) from error
        self._server: WSGIServer = started[0]
        self._thread: Thread = started[1]
        if isinstance(self._server.socket, ssl.SSLSocket):
            _renew(self._server.socket.context, settings.tls_certificate, settings.tls_key)
        self.port: int = self._server.server_port

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _renew(context: ssl.SSLContext, certificate: str, key: str) -> None:
    good = context

    def answer(connection: ssl.SSLSocket | ssl.SSLObject, _name: str | None, _of: ssl.SSLContext) -> None:
        nonlocal good
        read = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with suppress(OSError):  # e.g. one of the two files has been replaced
            read.load_cert_chain(certificate, key)
            good = read
        connection.context = good

    context.sni_callback = answer  # called in every handshake, whether or not it asks for a name


class _Collected(Collector):
    def collect(self) -> Iterator[Family]:
        """See prometheus_client."""
        for instrument, points in collected():
            yield family(instrument, points)


def family(instrument: Instrument, points: list[Point]) -> Family:
    """An instrument's series as Prometheus has them."""
    if isinstance(instrument, Histogram):
        histogram = HistogramMetricFamily(instrument.name, instrument.doc, labels=instrument.labels)
        for each in points:
            bounds = [*map(str, instrument.bounds), "+Inf"]
            buckets = list(zip(bounds, map(float, accumulate(each.counts)), strict=True))
            histogram.add_metric(each.labels, buckets, each.value)
        return histogram
    kind = CounterMetricFamily if instrument.kind == "counter" else GaugeMetricFamily
    of_values = kind(instrument.name, instrument.doc, labels=instrument.labels)
    for each in points:
        of_values.add_metric(each.labels, each.value)
    return of_values
