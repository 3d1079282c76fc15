"""Moving subjects between stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from biometrics.errors import StoreUnavailable
from gallery.operations.moving import Moved, move
from gallery.operations.source import SourcePage, StoreSource
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment
from tests.unit.gallery.operations.conftest import NewStore


async def everybody(store: PartitionedStore) -> object:
    """All subjects, models and aliases of a store."""
    return (await store.list(1000)).subjects, (await store.list_models(10)).model_ids, await store.aliases()


async def test_a_store_is_moved_whole(people: PartitionedStore, new_store: NewStore) -> None:
    """The target has every subject, equal in every field, and every model, though it has other partitions and keys."""
    target = new_store(partition_count=16)
    told: list[tuple[int, int]] = []
    result = await move(StoreSource(people), target, lambda done, total: told.append((done, total)))
    assert Moved(moved=300, models=1, aliases=1) == result
    assert await everybody(people) == await everybody(target)
    assert (300, 300) == told[-1]


async def test_a_second_move_writes_nothing(people: PartitionedStore, new_store: NewStore) -> None:
    """What the target has is not written again: its feed stays as it is."""
    target = new_store()
    await move(StoreSource(people), target)
    position = await target.position()
    assert Moved(present=300, models=1) == await move(StoreSource(people), target)
    assert position == await target.position()


class Interrupted(StoreSource):
    """A source that fails after its first page."""

    async def pages(self) -> AsyncIterator[SourcePage]:
        """See Source."""
        async for page in super().pages():
            yield page
            raise StoreUnavailable("The source has gone.")


async def test_an_interrupted_move_is_completed(people: PartitionedStore, new_store: NewStore) -> None:
    """After an error, and with a subject that has only its first encounter, the next move brings the rest."""
    target = new_store()
    with pytest.raises(StoreUnavailable):
        await move(Interrupted(people), target)
    whole = await people.get("s296")
    first = enrolment("s296", galleries=whole.galleries)
    await target.enroll(replace(first, encounter=whole.encounters[0]))
    result = await move(StoreSource(people), target)
    assert (256, 44, True) == (result.present, result.moved, result.is_complete)
    assert await everybody(people) == await everybody(target)


async def test_a_record_that_the_target_cannot_read_is_left(people: PartitionedStore, new_store: NewStore) -> None:
    """All others are moved, and the one is named."""
    target = new_store()
    await move(StoreSource(people), target)
    key = (await target.backend.identity()).key("s007")
    target.backend.rows[key] = replace(target.backend.rows[key], head=b"\0")
    result = await move(StoreSource(people), target)
    assert (["s007"], 299, 0) == (result.different, result.present, result.moved)


async def test_aliases_of_the_target_are_left(people: PartitionedStore, new_store: NewStore) -> None:
    """An alias that the target has for another gallery, or for a gallery that nobody was ever in there, is named."""
    target = new_store()
    await target.set_alias("production", "default", "r", "d")
    await people.enroll(enrolment("gone", galleries=("empty",)))
    await people.set_alias("old", "empty", "r3", "d")
    await people.delete("gone", "r4", "d")
    result = await move(StoreSource(people), target)
    assert (["old", "production"], False) == (sorted(result.aliases_left), result.is_complete)
    assert {"production": "default"} == await target.aliases()


async def test_another_person_under_the_same_id_is_left(people: PartitionedStore, new_store: NewStore) -> None:
    """A subject that the target has with other content is named, and not changed."""
    target = new_store()
    await target.enroll(enrolment("s007"))
    before = await target.get("s007")
    result = await move(StoreSource(people), target)
    assert (["s007"], 299, False) == (result.different, result.moved, result.is_complete)
    assert before == await target.get("s007")
