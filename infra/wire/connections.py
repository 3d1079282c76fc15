"""gRPC options for the connections of servers and clients, and the variables that gRPC's core reads."""

from __future__ import annotations

import os
from collections.abc import MutableMapping

Options = tuple[tuple[str, str | int], ...]

PROXY_VARIABLES = ("grpc_proxy", "https_proxy", "http_proxy")
"""Proxy variables that gRPC's core reads, unless `no_grpc_proxy` or `no_proxy` names the server."""

LOG_VARIABLE = "GRPC_VERBOSITY"
"""Variable for what gRPC's core writes to standard error: DEBUG, INFO, ERROR or NONE."""

IDLE_MS = 20_000
"""A connection is closed after so long without a call, and reopened by the next one: until then its buffers hold the
data read last, including templates and ids."""

SERVER: Options = (
    ("grpc.max_connection_idle_ms", IDLE_MS),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 500),  # matching services are asked every second
    ("grpc.keepalive_time_ms", 60_000),  # drops clients that vanished without closing
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.http2.ping_timeout_ms", 20_000),  # 60 s by default, and the longer of the two counts
)
"""Options of every server: clients may send keepalive pings."""

AGEING: Options = (("grpc.max_connection_age_ms", 30_000),)
"""Options of servers behind a DNS name: clients reconnect, and so find added servers. A running call may finish,
however long it takes: the grace period is unlimited by default."""


def client_options(max_message_bytes: int) -> Options:
    """Options of a remote client: a server that does not answer a ping within 3 s is dropped, i.e. within 13 s."""
    return (*_asking(10_000, 3_000), *_keeping(max_message_bytes))


def matcher_options(max_message_bytes: int) -> Options:
    """Options of fusion's channels: as `client_options`, but a dead server is noticed within 2.5 s, in time to retry.

    There is no proxy between services, whatever the environment says about the outside.
    """
    return (*_asking(1_000, 1_500), *_keeping(max_message_bytes), *_ENDING, NO_PROXY)


_ENDING = (("grpc.client_idle_timeout_ms", IDLE_MS),)

NO_PROXY = ("grpc.enable_http_proxy", 0)
"""Connect directly, whatever proxy the environment names."""


def _asking(every_ms: int, within_ms: int) -> Options:
    return (
        ("grpc.keepalive_time_ms", every_ms),
        ("grpc.keepalive_timeout_ms", within_ms),
        ("grpc.http2.ping_timeout_ms", within_ms),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),  # 0: no limit
    )


def _keeping(max_message_bytes: int) -> Options:
    return (
        ("grpc.max_receive_message_length", max_message_bytes),
        ("grpc.max_send_message_length", max_message_bytes),
        ("grpc.per_rpc_retry_buffer_size", min(2**31 - 1, max_message_bytes + 65_536)),  # more is sent once
        ("grpc.dns_min_time_between_resolutions_ms", 1_000),  # 30 s by default, and as long without any backend
        ("grpc.initial_reconnect_backoff_ms", 100),
        ("grpc.max_reconnect_backoff_ms", 500),
        ("grpc.min_reconnect_backoff_ms", 5_000),  # timeout of one connection attempt
    )


def quiet(environment: MutableMapping[str, str] = os.environ, level: str = "NONE") -> None:
    """Keep gRPC's core from writing log lines, unless the user set the variable; call before gRPC is imported."""
    environment.setdefault(LOG_VARIABLE, level)
