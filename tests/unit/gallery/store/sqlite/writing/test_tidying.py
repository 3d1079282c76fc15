"""gallery.store.sqlite.writing.tidying: feeds and receipts are kept within their limits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from gallery.store.backend import Held, Outcome
from gallery.store.sqlite.backend import SqliteBackend
from gallery.store.sqlite.writing.tidying import EVERY
from gallery.store.tokens import NO_MARK, FeedPosition
from tests.support.stores.backend_writes import ids_by_partition, put, request

OpenBackend = Callable[..., SqliteBackend]
LENGTH = 100


def kept(path: Path) -> dict[int, int]:
    """Number of changes in the file by partition."""
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT partition, count(*) FROM changes GROUP BY partition").fetchall())
    connection.close()
    return found


async def test_the_longest_feeds_are_shortened(open_backend: OpenBackend, tmp_path: Path) -> None:
    """300 changes of one partition and 20 of each other one leave 100 to 100 + 64, and none of the short feeds goes."""
    backend = open_backend(partition_count=4, feed_length=LENGTH)
    identity = await backend.identity()
    ids = ids_by_partition(identity, 300)
    written = {p: [(await backend.write(put(identity, each))).position for each in ids[p][:20]] for p in (1, 2, 3)}
    written[0] = [(await backend.write(put(identity, each))).position for each in ids[0]]
    found = kept(tmp_path / "store.db")
    assert [20, 20, 20] == [found[partition] for partition in (1, 2, 3)]
    assert LENGTH <= sum(found.values()) < LENGTH + EVERY
    positions = [each for each in written[0] if each is not None]
    held = await backend.held(positions)
    assert [Held.OLDER] * (300 - found[0]) + [Held.HELD] * found[0] == held
    begins = [FeedPosition(p, each.epoch, NO_MARK, (0, 0)) for p, each in enumerate(await backend.newest(range(4)))]
    assert [Held.OLDER, Held.HELD, Held.HELD, Held.HELD] == await backend.held(begins)
    assert Held.OLDER is (await backend.entries(begins[0], 10)).held
    assert 20 == len((await backend.entries(begins[1], 100)).entries)


async def test_feeds_that_are_all_too_long_are_shortened_together(open_backend: OpenBackend, tmp_path: Path) -> None:
    """A smaller limit leaves each of 4 feeds of 100 changes its share, and the newest positions stay."""
    backend = open_backend(partition_count=4)
    identity = await backend.identity()
    for own in ids_by_partition(identity, 100).values():
        for each in own:
            await backend.write(put(identity, each))
    newest = await backend.newest(range(4))
    await open_backend(feed_length=LENGTH).put_model("m", "text", request())
    assert dict.fromkeys(range(4), LENGTH // 4) == kept(tmp_path / "store.db")
    assert newest == await backend.newest(range(4))
    assert [Held.HELD] * 4 == await backend.held(newest)


async def test_old_receipts_are_deleted(open_backend: OpenBackend, tmp_path: Path) -> None:
    """A request is known for its time to live, is new afterwards, and leaves the file with later writes."""
    now = 1000.0
    backend = open_backend(receipt_ttl_s=60, clock=lambda: now)
    identity = await backend.identity()
    write = put(identity, "anna", of=request("r"))
    await backend.write(write)
    now = 1059.0
    assert None is not (await backend.known(write.key, write.request)).position
    now = 1061.0
    assert None is (await backend.known(write.key, write.request)).position
    for number in range(EVERY):
        await backend.write(put(identity, f"s{number}"))
    connection = sqlite3.connect(tmp_path / "store.db")
    assert (EVERY,) == connection.execute("SELECT count(*) FROM requests").fetchone()
    connection.close()


async def test_a_request_is_known_when_the_clock_is_set_back(open_backend: OpenBackend) -> None:
    """Receipts of before and of afterwards are known, each until the clock is its time to live after it."""
    now = 1000.0
    backend = open_backend(receipt_ttl_s=60, clock=lambda: now)
    identity = await backend.identity()
    before, after = put(identity, "anna", of=request("r")), put(identity, "ben", of=request("s"))
    await backend.write(before)
    now = 400.0
    await backend.write(after)
    assert [Outcome.DONE] * 2 == [(await backend.write(each)).outcome for each in (before, after)]
    now = 461.0
    positions = [(await backend.known(each.key, each.request)).position for each in (before, after)]
    assert [True, False] == [position is not None for position in positions]
