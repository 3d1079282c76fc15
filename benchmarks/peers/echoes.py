"""`python -m benchmarks.peers.echoes [ADDRESS…]`: a server that returns each request after calling these addresses.

It gives the cost of the same hops without any work: no message is parsed, no line is logged.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

import grpc

METHOD = "/echo.Echo/Echo"


def caller(channel: grpc.aio.Channel) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
    """The callable of an echo server on a channel."""
    return channel.unary_unary(METHOD)


async def serve(addresses: Sequence[str]) -> None:
    """Serve until the process ends."""
    leaves = [caller(grpc.aio.insecure_channel(address)) for address in addresses]

    async def answer(request: bytes, _context: object) -> bytes:
        if leaves:
            share = request[: len(request) // len(leaves)]
            await asyncio.gather(*(leaf(share) for leaf in leaves))
        return request

    server = grpc.aio.server()
    handlers: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {"Echo": grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("echo.Echo", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"listening on 127.0.0.1:{port}: Echo", file=sys.stderr, flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
