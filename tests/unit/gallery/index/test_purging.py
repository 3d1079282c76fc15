"""gallery.index.purging: a long purge keeps no change waiting."""

from __future__ import annotations

import asyncio

import pytest

from biometrics.template import Modality
from gallery.index.feed_reader import FeedReader
from gallery.index.purging import Purging
from gallery.patience import IsWanted, always
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment
from tests.unit.gallery.index.names_copy import Names


async def close_idle() -> None:
    """Close nothing."""


class Endless(Names):
    """Its purge is complete when it may go on for as long as it wants."""

    def purge(self, goes_on: IsWanted = always) -> bool:
        """See Copy."""
        return goes_on()


async def test_a_purge_rests_for_some_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part is followed by the next one at once; after some seconds the purge goes on to its end."""
    monkeypatch.setattr("gallery.index.purging.PART_S", 0)
    purging, copy = Purging(purge_s=3600), Endless(b"")
    purging.erased()
    for _ in range(3):
        await purging.run(copy, close_idle)
        assert 0 == purging.left_s
    monkeypatch.setattr("gallery.index.purging.RESTING_S", 0)
    await purging.run(copy, close_idle)
    assert purging.left_s > 0


class Long(Names):
    """Its purge is not complete until somebody else was enrolled."""

    def purge(self, goes_on: IsWanted = always) -> bool:
        """See Copy."""
        return super().purge(goes_on) and "new" in self.ids


async def test_changes_are_applied_between_the_parts_of_a_purge(store: PartitionedStore) -> None:
    """Somebody who is enrolled while a purge is under way is found before it is complete."""
    reader = FeedReader(store, Modality.FINGERPRINT, Long, page_size=2, purge_s=0)
    tail = asyncio.create_task(reader.run())
    await reader.wait_for((await store.enroll(enrolment("old"))).token, 30)
    await reader.wait_for((await store.delete("old", "r", "d")).token, 30)
    await reader.state.has_purged.wait()
    assert not reader.is_purged
    await reader.wait_for((await store.enroll(enrolment("new"))).token, 30)
    while not reader.is_purged:  # noqa: ASYNC110  # purging signals nothing
        await asyncio.sleep(0)
    assert ({"new"}, {"old"}) == (reader.state.ids, reader.state.purged)
    tail.cancel()
