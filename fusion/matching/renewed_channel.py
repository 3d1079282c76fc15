"""A channel that is opened anew when its TLS files change, so that a renewed certificate needs no restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc

from infra.identity.tls_files import Pem, TlsFiles

GRACE_S = 60.0
"""Seconds in which calls on the earlier channel may end."""


class RenewedChannel:
    """Stands in for a grpc.aio.Channel with the stubs of this project, which make unary calls and watch health.

    Args:
        files: of the own certificate, and of the authority to trust.
        open_channel: opens a channel with these contents.
    """

    def __init__(self, files: TlsFiles, open_channel: Callable[[Pem], grpc.aio.Channel]) -> None:
        self._files, self._open = files, open_channel
        self._pem = files.current()
        self._channel = open_channel(self._pem)
        self._closing: set[asyncio.Task[None]] = set()

    def unary_unary(self, *method: Any, **options: Any) -> Any:
        """See grpc.aio.Channel."""
        return self._following(lambda channel: channel.unary_unary(*method, **options))

    def unary_stream(self, *method: Any, **options: Any) -> Any:
        """See grpc.aio.Channel."""
        return self._following(lambda channel: channel.unary_stream(*method, **options))

    async def close(self) -> None:
        """Close it at once."""
        await self._channel.close()
        for each in self._closing:
            each.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _following(self, method_of: Callable[[grpc.aio.Channel], Callable[..., Any]]) -> Callable[..., Any]:
        """A method that is called on the present channel."""
        channel, method = self._channel, method_of(self._channel)

        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal channel, method
            self._renew()
            if channel is not self._channel:
                channel, method = self._channel, method_of(self._channel)
            return method(*arguments, **options)

        return call

    def _renew(self) -> None:
        found = self._files.current()
        if found is self._pem:
            return
        earlier, self._pem, self._channel = self._channel, found, self._open(found)
        ending = asyncio.create_task(earlier.close(GRACE_S))
        self._closing.add(ending)
        ending.add_done_callback(self._closing.discard)
