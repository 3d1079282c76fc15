"""Channels to the services, opened anew when the TLS files change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

import grpc

from biometrics.errors import ConfigurationInvalid
from infra.identity.tls_files import Pem, TlsFiles
from infra.settings import Settings
from infra.wire.addresses import is_this_machine
from infra.wire.connections import NO_PROXY, client_options
from infra.wire.service_config import service_config

T = TypeVar("T")
GRACE_S = 60.0
"""Seconds in which calls on an earlier channel may end."""


class Service(Generic[T]):
    """The stubs of one server. Must be made inside a running event loop.

    Args:
        target: its address.
        settings: TLS files, and the largest message.
        stubs: makes stubs on a channel.

    Raises:
        ConfigurationInvalid: a file cannot be used, or the server is on another machine and TLS is off.
    """

    def __init__(self, target: str, settings: Settings, stubs: Callable[[grpc.aio.Channel], T]) -> None:
        if not (settings.tls_authority or settings.allow_insecure_bind or is_this_machine(target)):
            raise ConfigurationInvalid(
                f"{target} is on another machine and TLS is off. Set BIOFUSION_TLS_AUTHORITY, or "
                "BIOFUSION_ALLOW_INSECURE_BIND=true if something else protects the traffic."
            )
        self._target, self._make = target, stubs
        self._options = (
            *client_options(settings.max_message_bytes),
            ("grpc.service_config", service_config(is_client=True)),
            NO_PROXY,
        )
        self._files = (
            TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_authority)
            if settings.tls_authority
            else None
        )
        self._pem: Pem | None = None
        self._channel: grpc.aio.Channel | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._open()

    @property
    def stubs(self) -> T:
        """The stubs on the present channel."""
        if self._files and self._files.current() is not self._pem:
            self._open()
        return self._stubs

    async def close(self) -> None:
        """Close all channels at once."""
        for each in self._closing:
            each.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)
        if self._channel:
            await self._channel.close()

    def _open(self) -> None:
        if self._channel:
            ending = asyncio.create_task(self._channel.close(GRACE_S))
            self._closing.add(ending)
            ending.add_done_callback(self._closing.discard)
        if self._files is None:
            self._channel = grpc.aio.insecure_channel(self._target, self._options)
        else:
            self._pem = pem = self._files.current()
            shown = grpc.ssl_channel_credentials(pem.authority, pem.key or None, pem.certificate or None)
            self._channel = grpc.aio.secure_channel(self._target, shown, self._options)
        self._stubs = self._make(self._channel)
