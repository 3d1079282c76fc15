"""Callers with names on a server that has more calls than places."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import grpc

from infra.identity.caller import Caller, Proof
from infra.identity.visit import Visit
from infra.serving.door import Door
from infra.serving.server import Registration, Server
from infra.settings import Settings

MANY, FEW = "spiffe://b.example/many", "spiffe://b.example/few"
PLACES = 16
ONE_CONNECTION_EACH = [("grpc.use_local_subchannel_pool", 1)]


class Named:
    """A gate that believes the caller whatever name it states."""

    async def visit(self, _method: str, context: Any) -> Visit:
        """See Gate."""
        return Visit(Caller(dict(context.invocation_metadata())["test-caller"], Proof.CERTIFICATE))

    async def admit(self, _visit: Visit, _method: str, _request: Any) -> None:
        """See Gate."""


class Held:
    """A server whose calls are held until they are released."""

    def __init__(self, server: Server) -> None:
        self.server, self.may_end = server, asyncio.Event()
        self.order: list[str] = []
        self.arrived = asyncio.Condition()

    async def hold(self, request: bytes, _context: Any) -> bytes:
        """The method."""
        self.order.append(request.decode())
        async with self.arrived:
            self.arrived.notify_all()
        await self.may_end.wait()
        return request

    def add(self, server: Any) -> None:
        """Add the method to the server."""
        methods = {"Hold": grpc.unary_unary_rpc_method_handler(self.hold, None, None)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("a.A", methods),))

    @asynccontextmanager
    async def caller(self, name: str) -> AsyncIterator[Any]:
        """A function that begins a call of this caller, on a connection of its own."""
        async with grpc.aio.insecure_channel(self.server.address, ONE_CONNECTION_EACH) as channel:
            call = channel.unary_unary("/a.A/Hold")
            yield lambda: call(name.encode(), timeout=300, metadata=(("test-caller", name),))


@asynccontextmanager
async def holding() -> AsyncIterator[Held]:
    """A server with 16 places, of which four are worked on at a time."""
    held = Held(Server(Settings(port=0, drain_s=0, worker_count=1, max_pending=PLACES), 0, door=Door(Named())))
    await held.server.start([Registration("a.A", held.add)])
    held.server._pulse.stop()  # else the number that is worked on would rise
    try:
        yield held
    finally:
        held.may_end.set()
        await held.server.stop()


async def test_a_caller_beside_a_flood_is_admitted_and_served_next() -> None:
    """One who takes all the places it can get leaves some for others, who need not wait for all of its calls."""
    async with holding() as held, held.caller(MANY) as many, held.caller(FEW) as few:
        flood = [many() for _ in range(40)]
        async with held.arrived:
            await held.arrived.wait_for(lambda: len(held.order) >= 4)
        assert grpc.StatusCode.RESOURCE_EXHAUSTED is await _first_ended(flood)
        modest = few()
        await _waits(held, PLACES - 1)
        held.may_end.set()
        assert FEW.encode() == await modest
        codes = [await call.code() for call in flood]
    assert PLACES - 2 == codes.count(grpc.StatusCode.OK)
    assert held.order.index(FEW) <= 5


async def _first_ended(calls: list[Any]) -> grpc.StatusCode:
    for done in asyncio.as_completed([asyncio.ensure_future(call.code()) for call in calls]):
        return await done
    raise AssertionError


async def _waits(held: Held, count: int) -> None:
    """Return when this number of calls is admitted."""
    while held.server._intake.admission._in_hand < count:  # noqa: ASYNC110  # no flag: a number of the server
        await asyncio.sleep(0)
