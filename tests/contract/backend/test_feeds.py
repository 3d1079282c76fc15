"""Change feeds of a backend: what they hold, and what they say of positions of another history."""

from __future__ import annotations

from dataclasses import replace

from gallery.store.backend import Backend, Held, StoreIdentity
from gallery.store.tokens import NO_MARK, FeedPosition
from gallery.store.values import ChangeKind
from tests.support.stores.backend_writes import erasure, put, request

PARTITION = 2


def names(identity: StoreIdentity, count: int) -> list[str]:
    """Ids of `count` subjects of the partition."""
    found = (f"s{number}" for number in range(10**6))
    own = (each for each in found if identity.key(each).partition == PARTITION)
    return [next(own) for _ in range(count)]


async def written(backend: Backend, identity: StoreIdentity, count: int) -> list[FeedPosition]:
    """Positions of `count` new subjects of the partition."""
    found = [(await backend.write(put(identity, each))).position for each in names(identity, count)]
    return [each for each in found if each is not None]


async def begin(backend: Backend) -> FeedPosition:
    """The position before the first entry of the partition."""
    (newest,) = await backend.newest([PARTITION])
    return FeedPosition(PARTITION, newest.epoch, NO_MARK, (0, 0))


async def test_a_new_feed_begins_at_0(backend: Backend, identity: StoreIdentity) -> None:
    """The newest position of an empty feed is its beginning, which it holds."""
    newest = await backend.newest(range(identity.partition_count))
    assert list(range(identity.partition_count)) == [each.partition for each in newest]
    assert {(NO_MARK, (0, 0))} == {(each.mark, each.number) for each in newest}
    assert [Held.HELD] * len(newest) == await backend.held(newest)
    part = await backend.entries(newest[PARTITION], 10)
    assert (Held.HELD, []) == (part.held, list(part.entries))
    assert [] == await backend.newest([])
    assert [] == await backend.held([])


async def test_entries_come_in_order(backend: Backend, identity: StoreIdentity) -> None:
    """Every write has one entry with its position, kind and name; a limit cuts the end off."""
    positions = await written(backend, identity, 3)
    first = names(identity, 1)[0]
    gone = (await backend.write(erasure(identity, first))).position
    part = await backend.entries(await begin(backend), 10)
    assert [*positions, gone] == [each.position for each in part.entries]
    assert [*[ChangeKind.PUT] * 3, ChangeKind.DELETE] == [each.kind for each in part.entries]
    assert [identity.key(each).name for each in [*names(identity, 3), first]] == [each.name for each in part.entries]
    part = await backend.entries(positions[0], 2)
    assert positions[1:] == [each.position for each in part.entries]


async def test_positions_of_another_history_are_lost(backend: Backend, identity: StoreIdentity) -> None:
    """Another mark, another epoch, and a number beyond the end are LOST; every position of the feed is HELD."""
    positions = await written(backend, identity, 3)
    lost = [
        *(replace(each, mark="0badbad0") for each in positions),
        *(replace(each, epoch="0badbad0") for each in positions),
        replace(positions[-1], number=(10**9, 0)),
        replace(positions[0], number=(0, 0)),
    ]
    wanted = [*[Held.HELD] * 4, *[Held.LOST] * len(lost)]
    assert wanted == await backend.held([await begin(backend), *positions, *lost])
    assert Held.LOST is (await backend.entries(lost[0], 10)).held


async def test_a_new_epoch_loses_the_positions_of_the_old_one(backend: Backend, identity: StoreIdentity) -> None:
    """Positions before are LOST, the entries are held under the new epoch, and other partitions stay."""
    positions = await written(backend, identity, 2)
    others = [each for each in range(identity.partition_count) if each != PARTITION]
    before = await backend.newest(others)
    await backend.renew_epochs([positions[0]])
    assert [Held.LOST] * 2 == await backend.held(positions)
    (newest,) = await backend.newest([PARTITION])
    assert newest.epoch != positions[-1].epoch
    assert replace(newest, epoch=positions[-1].epoch) == positions[-1]
    entries = (await backend.entries(await begin(backend), 10)).entries
    assert [replace(each, epoch=newest.epoch) for each in positions] == [each.position for each in entries]
    assert before == await backend.newest(others)


async def test_an_epoch_is_renewed_once(backend: Backend, identity: StoreIdentity) -> None:
    """A second reader that saw the same old epoch does not begin another one."""
    (seen,) = await written(backend, identity, 1)
    await backend.renew_epochs([seen])
    renewed = await backend.newest([PARTITION])
    await backend.renew_epochs([seen])
    assert renewed == await backend.newest([PARTITION])


async def test_a_receipt_from_before_a_new_epoch_is_in_the_feed(backend: Backend, identity: StoreIdentity) -> None:
    """The position that a repetition is told is HELD, as its write is in the store."""
    (name,) = names(identity, 1)
    write = put(identity, name, of=request("r"))
    first = (await backend.write(write)).position
    assert first is not None
    await backend.renew_epochs([first])
    known = (await backend.known(write.key, write.request)).position
    done = (await backend.write(write)).position
    assert known is not None
    assert known == done
    assert [Held.HELD] == await backend.held([known])
