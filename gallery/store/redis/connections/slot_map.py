"""Which server has a slot, as far as is known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from math import inf

from redis.crc import key_slot

from biometrics.errors import StoreUnavailable
from gallery.store.redis.connections.access import Access
from gallery.store.redis.connections.address import Address
from gallery.store.redis.connections.discovery import discover
from gallery.store.redis.connections.node import Endpoint

REFRESH_S = 0.5
"""Least time, in seconds, between two questions who has which slots, after a server failed."""


class SlotMap:
    """Asks who has which slots before the first call, and again when it is told that a server failed or slots moved.

    `endpoints` are the servers that have slots.

    Args:
        address: of the store.
        access: who asks.
    """

    def __init__(self, address: Address, access: Access) -> None:
        self._address, self._access = address, access
        self.endpoints: frozenset[Endpoint] = frozenset()
        self._slots: dict[int, Endpoint] = {}
        self._is_old = True
        self._asked_at = -inf
        self._asking = asyncio.Lock()

    def failed(self) -> None:
        """A server failed: ask again before the next call, but not before REFRESH_S."""
        self._is_old = True

    def moved(self) -> None:
        """Slots have moved: ask again before the next call."""
        self._is_old, self._asked_at = True, -inf

    async def find(self, tag: str, known: Sequence[Endpoint]) -> Endpoint:
        """The server that has the slot of a hash tag.

        Args:
            tag: with its braces.
            known: servers that may be asked besides those of the address.

        Raises:
            StoreUnavailable: none has it, or it is not known which.
            ConfigurationInvalid: the servers are not of the kind that the address says.
        """
        if self._is_old:
            async with self._asking:
                await self._refresh(known)
        endpoint = self._slots.get(key_slot(tag.encode()))
        if endpoint is None:
            self.failed()
            raise StoreUnavailable("The Redis cluster is down: no node has the slot of this partition.")
        return endpoint

    async def _refresh(self, known: Sequence[Endpoint]) -> None:
        if not self._is_old or time.monotonic() < self._asked_at + REFRESH_S:
            return
        try:
            ranges = await discover(self._address, self._access, known)
        except StoreUnavailable:
            if not self._slots:
                raise
            return
        finally:
            self._asked_at = time.monotonic()
        self._is_old = False
        self.endpoints = frozenset(each.endpoint for each in ranges)
        self._slots = {slot: each.endpoint for each in ranges for slot in range(each.first, each.last + 1)}
