"""Accepts many new calls per iteration of the event loop, where grpc.aio accepts one; refuses some before all else.

grpc.aio requests one call of a method at a time, which takes some iterations. On a busy loop, calls that arrive faster
queue up unseen inside gRPC, and are refused too late. So this module requests `AT_ONCE` more calls of each method. It
does what grpc.aio's own loop does, through the same private functions; if a version of grpc.aio lacks them, it does
nothing, and grpc.aio's own loop accepts the calls alone.

A call that an overloaded server refuses is refused here, before grpc.aio makes a handler, tasks and a watch of its
cancellation for it: most of what a refusal costs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]  # compiled, and not in the stubs

from infra.serving.refusals import Refusals

log = logging.getLogger("biofusion.server")

AT_ONCE = 16

INNER = ("_MethodResolver", "_RequestCallError", "_handle_rpc", "_schedule_rpc_coro", "_ServicerContext")
"""Private functions of grpc.aio that are used here, besides its server's `_request_registered_call`."""


class Accepting:
    """Stands in for a server in the generated `add_…Servicer_to_server`, and accepts calls of the services they add.

    Args:
        server: the actual server.
        interceptors: the server's.
        refusals: says which calls are refused at once.
    """

    def __init__(
        self,
        server: grpc.aio.Server,
        interceptors: Sequence[grpc.aio.ServerInterceptor],
        refusals: Refusals,
    ) -> None:
        self._server, self._interceptors, self._refusals = server, tuple(interceptors), refusals
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
        """Begin to accept, after the server's start. Ends with the server."""
        core = getattr(self._server, "_server", None)
        request = getattr(core, "_request_registered_call", None)
        resolver, ended, handle, schedule, context_of = (getattr(cygrpc, name, None) for name in INNER)
        if not (request and resolver and ended and handle and schedule and context_of):
            log.warning("unknown version of grpcio: calls are accepted one at a time")
            return
        methods = resolver([], self._handlers)

        async def accept(method: str) -> None:
            loop = asyncio.get_running_loop()
            while True:
                try:
                    state = await request(method.encode())
                except ended:
                    return
                if refusal := self._refusals.of(method, context_of(state, None, None, loop)):
                    self._keep(_ended(refusal))
                    continue
                call = handle(method, methods, self._interceptors, state, loop, False)
                self._keep(schedule(call, state, loop, method))

        for method in self._handlers:
            for _ in range(AT_ONCE):
                self._keep(accept(method))

    def _keep(self, work: Any) -> None:
        """Start a task and keep a reference: the event loop holds only weak ones."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _ended(refusal: Coroutine[Any, Any, None]) -> None:
    with suppress(grpc.aio.AbortError):
        await refusal
