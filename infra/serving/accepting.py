"""Takes new calls off gRPC's hands, many in each turn of the event loop.

grpc.aio asks for one call of a method at a time, which takes some turns of the loop. Where the loop has much to do,
calls that come faster wait where nobody sees them, and are refused when it is too late. So this asks for `AT_ONCE` more
of each method. It does what grpc.aio's own loop does, by the same inner functions; where a version of grpc.aio has no
such functions, it does nothing, and grpc.aio's own loop takes the calls alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # compiled, and not in the stubs

log = logging.getLogger("biofusion.server")

AT_ONCE = 16

INNER = ("_MethodResolver", "_RequestCallError", "_handle_rpc", "_schedule_rpc_coro")
"""What is used of grpc.aio's own loop, and of its server `_request_registered_call`."""


class Accepting:
    """A server as the generated `add_…Servicer_to_server` see it, which accepts the calls of what they add.

    Args:
        server: that it stands for.
        interceptors: of the server.
    """

    def __init__(self, server: grpc.aio.Server, interceptors: Sequence[grpc.aio.ServerInterceptor]) -> None:
        self._server, self._interceptors = server, tuple(interceptors)
        self._handlers: dict[str, Any] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """See grpc.aio.Server."""
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """See grpc.aio.Server."""
        self._server.add_registered_method_handlers(service, dict(handlers))
        self._handlers |= {f"/{service}/{name}": handler for name, handler in handlers.items()}

    def start(self) -> None:
        """Begin to accept; the server has been started. It ends with the server."""
        core = getattr(self._server, "_server", None)
        request = getattr(core, "_request_registered_call", None)
        resolver, ended, handle, schedule = (getattr(cygrpc, name, None) for name in INNER)
        if not (request and resolver and ended and handle and schedule):
            log.warning("this version of grpcio is not known: calls are accepted one by one")
            return
        methods = resolver([], self._handlers)

        async def accept(method: str) -> None:
            loop = asyncio.get_running_loop()
            while True:
                try:
                    state = await request(method.encode())
                except ended:
                    return
                call = handle(method, methods, self._interceptors, state, loop, False)
                self._keep(schedule(call, state, loop, method))

        for method in self._handlers:
            for _ in range(AT_ONCE):
                self._keep(accept(method))

    def _keep(self, work: Any) -> None:
        """The loop itself holds no reference to its tasks."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
