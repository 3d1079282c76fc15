"""gallery.sqlite_watch: one look for all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from biometrics.errors import StoreUnavailable
from gallery.bell import Bell
from gallery.sqlite_watch import Watch
from gallery.store import ConsistencyToken


class Positions:
    """The newest positions, one after the other; an empty one cannot be read."""

    def __init__(self, *newest: str) -> None:
        self._newest: Iterator[str] = iter(newest)
        self.looks = 0

    async def read(self) -> ConsistencyToken:
        """The next."""
        self.looks += 1
        if found := next(self._newest):
            return ConsistencyToken(found)
        raise StoreUnavailable("The store is down.")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gallery.sqlite_watch.POLL_S", 0.0)


async def _waited(watch: Watch, bell: Bell, callers: int) -> None:
    await asyncio.gather(*(watch.wait(bell.next_ring, 30) for _ in range(callers)))


async def test_all_who_wait_share_a_look() -> None:
    """They go on when the position is another, and not before."""
    bell, positions = Bell(), Positions("1", "1", "1", "2")
    watch = Watch(positions.read, bell)
    await _waited(watch, bell, 4)
    assert 1 == positions.looks
    await _waited(watch, bell, 4)
    assert 4 == positions.looks


async def test_who_waits_finds_out_that_the_store_is_down() -> None:
    """Each time it is looked, and so that it is up again."""
    bell, positions = Bell(), Positions("1", "", "", "1")
    watch = Watch(positions.read, bell)
    for looks in (1, 2, 3, 4):
        await _waited(watch, bell, 2)
        assert looks == positions.looks


async def test_nothing_is_looked_at_for_nobody() -> None:
    """Whoever was waiting has gone: the file is left alone."""
    bell, positions = Bell(), Positions("1")
    watch = Watch(positions.read, bell)
    waiting = asyncio.create_task(watch.wait(bell.next_ring, 30))
    await asyncio.sleep(0)  # lets it wait; no time is waited for
    waiting.cancel()
    await asyncio.wait([waiting])
    watch.close()
    for _ in range(10):
        await asyncio.sleep(0)
    assert 0 == positions.looks
