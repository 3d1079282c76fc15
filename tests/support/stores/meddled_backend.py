"""Backends of processes to which something happens amid their writes: they die, or others write meanwhile."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from biometrics.errors import StoreUnavailable
from gallery.store.backend import Backend
from gallery.store.changes import Write, Written
from gallery.store.subject_store import PartitionedStore


class DyingBackend:
    """Carries out so many writes, and nothing any more after them.

    Args:
        backend: carries them out.
        writes: how many.
        tells: whether the last one is answered.
    """

    def __init__(self, backend: Backend, writes: int, *, tells: bool) -> None:
        self._backend, self._left, self._tells = backend, writes, tells
        self.is_dead = False

    async def write(self, write: Write) -> Written:
        """See Backend."""
        if self._left == 0:
            self.is_dead = True
        written = await self.__getattr__("write")(write)
        self._left -= 1
        if self._left == 0 and not self._tells:
            self.is_dead = True
            raise StoreUnavailable("The process is dead.")
        assert isinstance(written, Written)
        return written

    def __getattr__(self, name: str) -> Any:
        """Any other method of the backend."""
        if self.is_dead:
            raise StoreUnavailable("The process is dead.")
        return getattr(self._backend, name)


def dying(store: PartitionedStore, writes: int, *, tells: bool = True) -> PartitionedStore:
    """Another process on the same store, that dies."""
    backend = DyingBackend(store.backend, writes, tells=tells)
    return PartitionedStore(backend, store.table, store.encryption)  # type: ignore[arg-type]  # by __getattr__


class SlowBackend:
    """Waits before one of its writes, while something else happens.

    Args:
        backend: carries out the writes.
        place: number of the write before which it waits, from 0.
        meanwhile: what happens.
    """

    def __init__(self, backend: Backend, place: int, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._backend, self._left, self._meanwhile = backend, place, meanwhile

    async def write(self, write: Write) -> Written:
        """See Backend."""
        self._left -= 1
        if self._left == -1:
            await self._meanwhile()
        return await self._backend.write(write)

    def __getattr__(self, name: str) -> Any:
        """Any other method of the backend."""
        return getattr(self._backend, name)


def slow(store: PartitionedStore, place: int, meanwhile: Callable[[], Awaitable[object]]) -> PartitionedStore:
    """Another process on the same store, that is slow."""
    backend = SlowBackend(store.backend, place, meanwhile)
    return PartitionedStore(backend, store.table, store.encryption)  # type: ignore[arg-type]  # by __getattr__


class LateBackend:
    """Answers one call late: something else happens after it was carried out, and before it is answered.

    Args:
        backend: carries out the calls.
        method: whose first call is answered late.
        meanwhile: what happens.
    """

    def __init__(self, backend: Backend, method: str, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._backend, self._method, self._meanwhile = backend, method, meanwhile

    def __getattr__(self, name: str) -> Any:
        """A method of the backend."""
        found = getattr(self._backend, name)
        if name != self._method:
            return found

        async def late(*arguments: object, **options: object) -> object:
            answer, self._method = await found(*arguments, **options), ""
            await self._meanwhile()
            return answer

        return late


def late(store: PartitionedStore, method: str, meanwhile: Callable[[], Awaitable[object]]) -> PartitionedStore:
    """Another process on the same store, one of whose calls is answered late."""
    backend = LateBackend(store.backend, method, meanwhile)
    return PartitionedStore(backend, store.table, store.encryption)  # type: ignore[arg-type]  # by __getattr__
