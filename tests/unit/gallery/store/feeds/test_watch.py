"""gallery.store.feeds.watch: one poll for all tasks that wait."""

from __future__ import annotations

import asyncio

import pytest

from biometrics.errors import StoreUnavailable
from gallery.store.feeds.watch import Watch
from gallery.store.tokens import NO_MARK, FeedPosition


class Positions:
    """The newest position, by its number; 0 cannot be read."""

    def __init__(self) -> None:
        self.number = 1
        self.looks = 0

    async def newest(self) -> list[FeedPosition]:
        """The position as it is now."""
        self.looks += 1
        if self.number:
            return [FeedPosition(0, "00000000", NO_MARK, (self.number, 0))]
        raise StoreUnavailable("The store is down.")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gallery.store.feeds.watch.POLL_S", 0.0)


async def test_all_waiting_tasks_share_a_poll() -> None:
    """Waiting tasks find what is new when the position has changed, and the store is polled once for all of them."""
    positions, feed = Positions(), list[int]()
    watch = Watch(positions.newest)

    async def read() -> list[int]:
        return feed

    waiting = asyncio.gather(*(watch.first_found(read, 30) for _ in range(100)))
    for _ in range(20):
        await asyncio.sleep(0)
    assert not waiting.done()
    feed.append(2)
    positions.number = 2
    assert [[2]] * 100 == await waiting
    assert positions.looks < 100


async def test_waiting_tasks_find_out_that_the_store_is_down() -> None:
    """A store that cannot be polled wakes the waiting tasks, which read it and get its error."""
    positions = Positions()
    watch = Watch(positions.newest)

    async def read() -> list[int]:
        await positions.newest()
        return []

    waiting = asyncio.create_task(watch.first_found(read, 30))
    for _ in range(5):
        await asyncio.sleep(0)
    positions.number = 0
    with pytest.raises(StoreUnavailable):
        await waiting


async def test_a_write_of_this_process_ends_the_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task is woken by `notify`, without a poll."""
    monkeypatch.setattr("gallery.store.feeds.watch.POLL_S", 3600.0)
    positions, feed = Positions(), list[int]()
    watch = Watch(positions.newest)

    async def read() -> list[int]:
        return feed

    waiting = asyncio.create_task(watch.first_found(read, 30))
    await asyncio.sleep(0)
    feed.append(1)
    watch.notify()
    assert [1] == await waiting
    assert 0 == positions.looks
    watch.close()


async def test_polling_stops_when_no_task_waits() -> None:
    """When the last waiting task has gone the store is not polled any more."""
    positions = Positions()
    watch = Watch(positions.newest)

    async def read() -> list[int]:
        return []

    waiting = asyncio.create_task(watch.first_found(read, 30))
    await asyncio.sleep(0)  # lets the task begin to wait; waits for no time
    waiting.cancel()
    await asyncio.wait([waiting])
    looks = list[int]()
    for _ in range(20):
        await asyncio.sleep(0)
        looks.append(positions.looks)
    assert looks[10] == looks[-1] < 10
