"""TLS in front of a server that cannot speak it, as the redis-server of the tests is built without TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from tests.support.tls import Authority, Certificate

CHUNK = 1 << 16


@asynccontextmanager
async def tls_front(listen: int, port: int, authority: Authority, server: Certificate) -> AsyncIterator[None]:
    """Accepts clients with a certificate of the authority, and passes on what they send.

    Args:
        listen: port on 127.0.0.1 that speaks TLS.
        port: port of the server behind it.
        authority: whose clients are accepted.
        server: certificate that is shown.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(server.certificate, server.key)

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_copy(reader, behind_writer), _copy(behind_reader, writer))

    front = await asyncio.start_server(accepted, "127.0.0.1", listen, ssl=context)
    try:
        yield
    finally:
        front.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
