"""gallery.store.sqlite.watch: one look for all who wait."""

from __future__ import annotations

import asyncio

import pytest

from biometrics.errors import StoreUnavailable
from gallery.change_signal import ChangeSignal
from gallery.store.sqlite.watch import Watch
from gallery.store.values import ConsistencyToken


class Positions:
    """The newest position; an empty one cannot be read."""

    def __init__(self, newest: str) -> None:
        self.newest = newest
        self.looks = 0

    async def read(self) -> ConsistencyToken:
        """As it is now."""
        self.looks += 1
        if self.newest:
            return ConsistencyToken(self.newest)
        raise StoreUnavailable("The store is down.")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gallery.store.sqlite.watch.POLL_S", 0.0)


def _waiting(watch: Watch, signal: ChangeSignal, callers: int) -> asyncio.Future[list[None]]:
    return asyncio.gather(*(watch.wait(signal.next_event, 30) for _ in range(callers)))


async def test_all_who_wait_share_a_look() -> None:
    """They go on when the position is another, and not before."""
    signal, positions = ChangeSignal(), Positions("1")
    watch = Watch(positions.read, signal)
    await _waiting(watch, signal, 100)
    waiting = _waiting(watch, signal, 100)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    positions.newest = "2"
    await waiting
    assert positions.looks < 100


async def test_who_waits_finds_out_that_the_store_is_down() -> None:
    """Each time it is looked, and so that it is up again."""
    signal, positions = ChangeSignal(), Positions("1")
    watch = Watch(positions.read, signal)
    await _waiting(watch, signal, 2)
    for positions.newest in ("", "", "1"):
        await _waiting(watch, signal, 2)


async def test_nothing_is_looked_at_for_nobody() -> None:
    """Whoever was waiting has gone: the file is left alone."""
    signal, positions = ChangeSignal(), Positions("1")
    watch = Watch(positions.read, signal)
    waiting = asyncio.create_task(watch.wait(signal.next_event, 30))
    await asyncio.sleep(0)  # lets it wait; no time is waited for
    waiting.cancel()
    await asyncio.wait([waiting])
    looks = list[int]()
    for _ in range(20):
        await asyncio.sleep(0)
        looks.append(positions.looks)
    assert looks[10] == looks[-1] < 10
