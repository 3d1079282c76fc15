"""Takes new calls off gRPC's hands, many in each turn of the event loop.

grpc.aio asks for one call of a method at a time, which takes some turns of the loop. Where the loop has much to do, calls
that come faster wait where nobody sees them, and are refused when it is too late, so this asks for `AT_ONCE` more of
each method. It does what grpc.aio's own loop does, by the same inner functions; where a version of grpc.aio has no such
functions, it does nothing, and grpc.aio's own loop takes the calls alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import grpc
from grpc._cython import cygrpc

log = logging.getLogger("biofusion.server")

AT_ONCE = 16

_NEEDED = ("_MethodResolver", "_RequestCallError", "_handle_rpc", "_schedule_rpc_coro")


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
        self._server.add_registered_method_handlers(service, handlers)
        self._handlers |= {f"/{service}/{name}": handler for name, handler in handlers.items()}

    def start(self) -> None:
        """Begin to accept; the server has been started. It ends with the server."""
        core: Any = getattr(self._server, "_server", None)
        if not all(hasattr(cygrpc, name) for name in _NEEDED) or not hasattr(core, "_request_registered_call"):
            log.warning("this version of grpcio is not known: calls are accepted one by one")
            return
        resolver = cygrpc._MethodResolver([], self._handlers)
        for method in self._handlers:
            for _ in range(AT_ONCE):
                self._keep(self._accept(core, method, resolver))

    async def _accept(self, core: Any, method: str, resolver: Any) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                state = await core._request_registered_call(method.encode())
            except cygrpc._RequestCallError:
                return  # the server has ended
            call = cygrpc._handle_rpc(method, resolver, self._interceptors, state, loop, False)
            self._keep(cygrpc._schedule_rpc_coro(call, state, loop, method))

    def _keep(self, work: Any) -> None:
        """The loop itself holds no reference to its tasks."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
