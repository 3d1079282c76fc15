from __future__ import annotations

import asyncio

import pytest

from biometrics.errors import Overloaded
from infra.admission.message_memory import READS_AT_ONCE, MessageMemory
from infra.deadlines import Deadline

ROOM = 1600


class Sender:
    """Callers that send when they are told to."""

    def __init__(self) -> None:
        self.may_send = asyncio.Event()
        self.reading = 0

    async def read(self, size: int) -> bytes:
        """A message."""
        self.reading += 1
        await self.may_send.wait()
        return bytes(size)

    def into(self, room: MessageMemory, size: int, at: float = 0.0) -> asyncio.Task[bytes]:
        """A call that takes room for its message."""
        return asyncio.create_task(room.take(lambda: self.read(size), Deadline(at)))


async def test_no_more_is_read_than_there_is_room_for() -> None:
    """What cannot be held is not read, and is when the first is given back."""
    room, sender = MessageMemory(ROOM), Sender()
    sender.may_send.set()
    first = await sender.into(room, ROOM)
    second = sender.into(room, 10)
    await asyncio.sleep(0)
    assert (1, ROOM) == (sender.reading, room.taken_bytes)
    room.give_back(len(first))
    assert 10 == len(await second)
    assert 10 == room.taken_bytes


async def test_so_many_are_read_at_once() -> None:
    """Each takes up a share of the room until its length is known."""
    room, sender = MessageMemory(ROOM), Sender()
    calls = [sender.into(room, 1) for _ in range(2 * READS_AT_ONCE)]
    await asyncio.sleep(0)
    assert READS_AT_ONCE == sender.reading
    sender.may_send.set()
    await asyncio.gather(*calls)
    assert 2 * READS_AT_ONCE == room.taken_bytes


async def test_a_message_larger_than_the_room_is_taken_alone() -> None:
    """Its length is limited elsewhere."""
    room, sender = MessageMemory(ROOM), Sender()
    sender.may_send.set()
    assert 10 * ROOM == len(await sender.into(room, 10 * ROOM))


async def test_the_most_urgent_is_read_first() -> None:
    """Of those that wait for room."""
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


async def test_slow_senders_do_not_keep_others_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are slow give their places back, and of too many slow ones the first is given up."""
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


async def test_each_slow_sender_too_many_gives_up_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that become slow in one turn of the event loop too: no more than so many are ever slow."""
    monkeypatch.setattr("infra.admission.message_memory.SLOW_S", 0.0)
    room, slow = MessageMemory(ROOM), Sender()
    stuck = [slow.into(room, 1) for _ in range(3 * READS_AT_ONCE)]
    given_up = await asyncio.gather(*stuck[: 2 * READS_AT_ONCE], return_exceptions=True)
    assert [Overloaded] * 2 * READS_AT_ONCE == [type(each) for each in given_up]
    slow.may_send.set()
    assert READS_AT_ONCE == len(await asyncio.gather(*stuck[2 * READS_AT_ONCE :]))
    assert READS_AT_ONCE == room.taken_bytes


async def test_a_caller_that_hangs_up_leaves_nothing_behind() -> None:
    """Whether it waited, or was being read."""
    room, sender = MessageMemory(ROOM), Sender()
    calls = [sender.into(room, 1) for _ in range(READS_AT_ONCE + 2)]
    await asyncio.sleep(0)
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    assert 0 == room.taken_bytes
