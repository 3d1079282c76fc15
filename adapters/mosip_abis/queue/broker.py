"""The message broker: takes requests, sends answers, and comes back whenever the connection is lost."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import stompman
from stompman.connection import Connection

log = logging.getLogger("biofusion.mosip_abis")

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
"""Waits before another connection: 0.5 s after one that worked, then 1 s, 2 s, 4 s … up to half a minute."""
_HEARTBEAT_MS, _SILENCE_S = 10_000, 35.0
_CONNECT_S, _RECEIPT_S = 5, 10.0

Answer = Callable[[bytes], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is, and what is read and written there.

    Args:
        servers: hosts and ports, of which each will do.
        user: name; "" for none.
        password: its password.
        requests: queue of requests.
        answers: queue of answers.
        tls: None for none.
    """

    servers: tuple[tuple[str, int], ...]
    user: str
    password: str = field(repr=False)
    requests: str
    answers: str
    tls: ssl.SSLContext | None = None


class ConnectionEnded(Exception):
    """The broker closed the connection, said nothing for too long, or refused something, e.g. the password."""


class _OneConnection(Connection):
    """A connection whose end, also in silence, ends the client: what becomes of messages is then known."""

    async def read_frames(self) -> AsyncGenerator[stompman.AnyServerFrame, None]:
        frames = Connection.read_frames(self)
        while True:
            try:
                async with asyncio.timeout(_SILENCE_S):
                    frame = await anext(frames)
            except (TimeoutError, stompman.ConnectionLostError) as error:
                raise ConnectionEnded("SILENT" if isinstance(error, TimeoutError) else "CLOSED") from error
            if isinstance(frame, stompman.ErrorFrame):  # of STOMP's frames the last one on a connection
                raise ConnectionEnded("REFUSED")
            yield frame


class Broker:
    """Answers what is in the queue.

    A message is acknowledged when its answer is at the broker. If the connection ends before, the broker delivers it
    again.

    Args:
        address: where.
        answer: makes the answer of a message; what it raises leaves the message in the queue.
        at_once: most messages that are taken and not yet acknowledged.
    """

    def __init__(self, address: Address, answer: Answer, at_once: int) -> None:
        self._address, self._answer, self._at_once = address, answer, at_once
        self.is_subscribed = False

    async def run(self) -> None:
        """Work until cancelled."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                await self._connected()
            except Exception as error:  # noqa: BLE001 - whatever ended the connection, another one is tried
                log.warning("The broker: %s. It is tried again.", _names(error))
            finally:
                was_subscribed, self.is_subscribed = self.is_subscribed, False
            wait_s = FIRST_WAIT_S if was_subscribed else min(LONGEST_WAIT_S, 2 * wait_s)
            await asyncio.sleep(wait_s)

    async def _connected(self) -> None:
        """Work on one connection until it ends. Raises what ended it."""
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        async with self._client() as client:

            async def take(message: stompman.AckableMessageFrame) -> None:
                try:
                    await self._handle(client, message)
                except Exception as error:  # noqa: BLE001 - the message stays in the queue, so the connection must end
                    if not failed.done():
                        failed.set_exception(ConnectionEnded(type(error).__name__))

            await client.subscribe_with_manual_ack(
                f"/queue/{self._address.requests}",
                take,
                headers={"activemq.prefetchSize": str(self._at_once)},
                receipt_timeout=_RECEIPT_S,
            )
            self.is_subscribed = True
            log.info("Requests are taken.")
            await failed

    async def _handle(self, client: stompman.Client, message: stompman.AckableMessageFrame) -> None:
        answer = await self._answer(message.body)
        await client.send(
            answer,
            f"/queue/{self._address.answers}",
            add_content_length="content-length" in message.headers,  # with it, JMS takes it for bytes, else for text
            headers={"persistent": "true"},
            receipt_timeout=_RECEIPT_S,
        )
        await message.ack()

    def _client(self) -> stompman.Client:
        where = self._address
        password = quote(where.password, safe="")  # it is unquoted there
        return stompman.Client(
            [stompman.ConnectionParameters(host, port, where.user, password) for host, port in where.servers],
            on_error_frame=None,
            heartbeat=stompman.Heartbeat(_HEARTBEAT_MS, _HEARTBEAT_MS),
            ssl=where.tls,
            connect_retry_attempts=1,
            connect_timeout=_CONNECT_S,
            write_retry_attempts=1,
            connection_confirmation_timeout=_CONNECT_S,
            no_message_restart_interval=None,
            max_concurrent_handlers=None,
            connection_class=_OneConnection,
        )


def _names(error: BaseException) -> str:
    """Names of an error and of those in it; their texts may hold what a message held."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(dict.fromkeys(_names(each) for each in error.exceptions))
    return f"{type(error).__name__} {error}" if isinstance(error, ConnectionEnded) else type(error).__name__
