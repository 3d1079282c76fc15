"""gallery.store.sqlite.watch: one poll for all tasks that wait."""

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
        """The position as it is now."""
        self.looks += 1
        if self.newest:
            return ConsistencyToken(self.newest)
        raise StoreUnavailable("The store is down.")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gallery.store.sqlite.watch.POLL_S", 0.0)


def _waiting(watch: Watch, signal: ChangeSignal, callers: int) -> asyncio.Future[list[None]]:
    return asyncio.gather(*(watch.wait(signal.next_event, 30) for _ in range(callers)))


async def test_all_waiting_tasks_share_a_poll() -> None:
    """Waiting tasks continue when the position has changed, and not before."""
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


async def test_waiting_tasks_find_out_that_the_store_is_down() -> None:
    """Every poll of a store that is down wakes the waiting tasks, and so does the first after it is up again."""
    signal, positions = ChangeSignal(), Positions("1")
    watch = Watch(positions.read, signal)
    await _waiting(watch, signal, 2)
    for positions.newest in ("", "", "1"):
        await _waiting(watch, signal, 2)


async def test_polling_stops_when_no_task_waits() -> None:
    """When the last waiting task has gone the file is not read any more."""
    signal, positions = ChangeSignal(), Positions("1")
    watch = Watch(positions.read, signal)
    waiting = asyncio.create_task(watch.wait(signal.next_event, 30))
    await asyncio.sleep(0)  # lets the task begin to wait; waits for no time
    waiting.cancel()
    await asyncio.wait([waiting])
    looks = list[int]()
    for _ in range(20):
        await asyncio.sleep(0)
        looks.append(positions.looks)
    assert looks[10] == looks[-1] < 10
