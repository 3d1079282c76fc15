from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import grpc
import pytest

from fusion.wire import subject_servicer
from infra.wire.addresses import is_this_machine
from infra.wire.connections import AGEING, NO_PROXY, SERVER, client_options, matcher_options, quiet
from infra.wire.service_config import service_config
from review.wire import servicer as review_servicer


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("localhost:50050", True),
        ("LOCALHOST.:50050", True),
        ("face.localhost:1", True),
        ("127.0.0.1:50050", True),
        ("127.8.9.10", True),
        ("0.0.0.0:1", True),
        ("[::1]:50050", True),
        ("::1", True),
        ("dns:///localhost:1", True),
        ("dns:127.0.0.1:1", True),
        ("ipv4:127.0.0.1:1,127.0.0.1:2", True),
        ("ipv6:[::1]:1", True),
        ("unix:/run/matching.sock", True),
        ("unix-abstract:matching", True),
        ("ipv4:127.0.0.1:1,192.0.2.1:2", False),
        ("face.biofusion.svc.cluster.local:50051", False),
        ("dns:///face.example:50051", False),
        ("localhost.example:1", False),
        ("192.0.2.1:50050", False),
        ("[2001:db8::1]:50050", False),
        ("", False),
    ],
)
def test_loopback_targets_are_recognised(target: str, *, expected: bool) -> None:
    """In every form that gRPC accepts; no proxy is used for them."""
    assert expected == is_this_machine(target)


def test_grpcs_core_is_silenced_unless_the_user_set_its_level() -> None:
    """The user's value is kept."""
    unset, asked = {}, {"GRPC_VERBOSITY": "DEBUG"}
    quiet(unset)
    quiet(asked)
    assert ({"GRPC_VERBOSITY": "NONE"}, {"GRPC_VERBOSITY": "DEBUG"}) == (unset, asked)


def test_every_option_is_known_to_grpcs_core() -> None:
    """A misspelt option would be silently ignored."""
    core = Path(grpc._cython.cygrpc.__file__).read_bytes()
    options = {*SERVER, *AGEING, *client_options(1), *matcher_options(1)}
    assert [] == [name for name, _ in options if name.encode() + b"\0" not in core]


def test_only_unavailable_is_retried_automatically() -> None:
    """UNAVAILABLE is, in every service and without throttling; an overload is not, as retries would add to it."""
    config = json.loads(service_config())
    methods, watch, once = config["methodConfig"]
    assert [["UNAVAILABLE"]] * 2 == [each["retryPolicy"]["retryableStatusCodes"] for each in (methods, watch)]
    assert 11 == len(methods["name"])
    assert "retryPolicy" not in once
    assert "retryThrottling" not in config


def test_a_watch_has_no_timeout() -> None:
    """The timeout of the other methods does not end a stream; a person's client has none for any method."""
    _, watch, _ = json.loads(service_config())["methodConfig"]
    streams = [(subject_servicer.NAME, "WatchChanges"), (review_servicer.NAME, "WatchReviewCases")]
    assert (streams, False) == ([(each["service"], each["method"]) for each in watch["name"]], "timeout" in watch)
    assert not any("timeout" in each for each in json.loads(service_config(is_client=True))["methodConfig"])


async def test_a_call_outlives_its_connections_age() -> None:
    """Connections are replaced, and no call, short or long, is lost by that."""
    release = asyncio.Event()

    async def peer(request: bytes, context: Any) -> bytes:
        if request == b"long":
            await release.wait()
        return context.peer().encode()

    server = grpc.aio.server(options=[*SERVER, ("grpc.max_connection_age_ms", 50)])
    handlers = {"Peer": grpc.unary_unary_rpc_method_handler(peer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Peers", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", [NO_PROXY]) as channel:
        call = channel.unary_unary("/test.Peers/Peer")
        long = asyncio.ensure_future(call(b"long", timeout=60))
        peers = {await call(b"", timeout=60)}
        async with asyncio.timeout(60):
            while len(peers) < 4:
                peers.add(await call(b"", timeout=60))
        release.set()
        assert await long in peers
    await server.stop(None)
