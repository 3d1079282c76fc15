from __future__ import annotations

import asyncio

import pytest

from biometrics.errors import Overloaded
from infra.admission.message_memory import READS_AT_ONCE, MessageMemory
from infra.deadlines import Deadline

ROOM = 1600


class Sender:
    """Callers that send when the test tells them to."""

    def __init__(self) -> None:
        self.may_send = asyncio.Event()
        self.reading = 0

    async def read(self, size: int) -> bytes:
        """Read a message."""
        self.reading += 1
        await self.may_send.wait()
        return bytes(size)

    def into(self, room: MessageMemory, size: int, at: float = 0.0) -> asyncio.Task[bytes]:
        """A call that reserves memory for its message."""
        return asyncio.create_task(room.take(lambda: self.read(size), Deadline(at)))


async def test_messages_are_read_only_while_memory_is_free() -> None:
    """A message without room is read only when the first one is released."""
    room, sender = MessageMemory(ROOM), Sender()
    sender.may_send.set()
    first = await sender.into(room, ROOM)
    second = sender.into(room, 10)
    await asyncio.sleep(0)
    assert (1, ROOM) == (sender.reading, room.taken_bytes)
    room.give_back(len(first))
    assert 10 == len(await second)
    assert 10 == room.taken_bytes


async def test_the_number_of_concurrent_reads_is_limited() -> None:
    """Each read reserves a share of the memory until its length is known."""
    room, sender = MessageMemory(ROOM), Sender()
    calls = [sender.into(room, 1) for _ in range(2 * READS_AT_ONCE)]
    await asyncio.sleep(0)
    assert READS_AT_ONCE == sender.reading
    sender.may_send.set()
    await asyncio.gather(*calls)
    assert 2 * READS_AT_ONCE == room.taken_bytes


async def test_a_message_larger_than_the_memory_is_read_alone() -> None:
    """It is read when no other message is in memory; its length is limited elsewhere."""
    room, sender = MessageMemory(ROOM), Sender()
    sender.may_send.set()
    assert 10 * ROOM == len(await sender.into(room, 10 * ROOM))


async def test_the_most_urgent_is_read_first() -> None:
    """Waiting reads begin in order of their calls' deadlines."""
    room, sender, order = MessageMemory(ROOM), Sender(), list[float]()
    sender.may_send.set()
    first = await sender.into(room, ROOM)

    async def noted(at: float) -> None:
        await sender.into(room, ROOM, at)
        order.append(at)
        room.give_back(ROOM)

    later = [asyncio.create_task(noted(at)) for at in (3, 1, 2)]
    for _ in range(3):
        await asyncio.sleep(0)
    room.give_back(len(first))
    await asyncio.gather(*later)
    assert [1, 2, 3] == order


async def test_slow_senders_do_not_block_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow reads give up their reservation, and the oldest of too many is aborted."""
    monkeypatch.setattr("infra.admission.message_memory.SLOW_S", 0.0)
    room, slow, quick = MessageMemory(ROOM), Sender(), Sender()
    quick.may_send.set()
    stuck = [slow.into(room, 1) for _ in range(READS_AT_ONCE + 1)]
    with pytest.raises(Overloaded):
        await stuck[0]
    assert b"\0" == await quick.into(room, 1)
    slow.may_send.set()
    assert READS_AT_ONCE == len(await asyncio.gather(*stuck[1:]))
    assert 1 + READS_AT_ONCE == room.taken_bytes


async def test_the_number_of_slow_reads_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit also holds if several reads become slow in one iteration of the event loop."""
    monkeypatch.setattr("infra.admission.message_memory.SLOW_S", 0.0)
    room, slow = MessageMemory(ROOM), Sender()
    stuck = [slow.into(room, 1) for _ in range(3 * READS_AT_ONCE)]
    given_up = await asyncio.gather(*stuck[: 2 * READS_AT_ONCE], return_exceptions=True)
    assert [Overloaded] * 2 * READS_AT_ONCE == [type(each) for each in given_up]
    slow.may_send.set()
    assert READS_AT_ONCE == len(await asyncio.gather(*stuck[2 * READS_AT_ONCE :]))
    assert READS_AT_ONCE == room.taken_bytes


async def test_a_cancelled_call_releases_its_memory() -> None:
    """Whether it was waiting or being read."""
    room, sender = MessageMemory(ROOM), Sender()
    calls = [sender.into(room, 1) for _ in range(READS_AT_ONCE + 2)]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    assert 0 == room.taken_bytes
