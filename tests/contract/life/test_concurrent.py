"""Writers that meet: moves, deletions, replacements and enrolments of the same subjects at the same time."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from biometrics.errors import AlreadyExists, BiofusionError, EncounterNotFound, LastGallery, SubjectNotFound
from gallery.operations.verify import verify
from gallery.store.life.values import Move
from gallery.store.subject_store import PartitionedStore
from gallery.subject import EncounterState
from tests.contract.life.test_encounters import request
from tests.support.builders import encounter, enrolment, reference
from tests.support.stores.meddled_backend import late

OpenStore = Callable[..., PartitionedStore]
NAMES = "abcd"
REFUSALS = (AlreadyExists, EncounterNotFound, LastGallery, SubjectNotFound)
"""What a write may meet because of another one."""


async def outcome(call: Awaitable[object]) -> bool:
    """Whether a call was carried out; another error than a refusal is raised."""
    try:
        await call
    except REFUSALS:
        return False
    return True


async def encounters_of(store: PartitionedStore) -> list[str]:
    """Ids of all encounters of all subjects."""
    return [each.encounter_id for subject in (await store.list(100)).subjects for each in subject.encounters]


@pytest.mark.parametrize("seed", range(3))
async def test_moves_alone_lose_and_double_nothing(open_store: OpenStore, seed: int) -> None:
    """Whoever moves whatever to whom, three processes at once: every encounter is in one place, before and after."""
    rng, stores = random.Random(seed), [open_store() for _ in range(3)]
    ids = [f"{name}{number}" for name in NAMES for number in range(3)]
    for each in ids:
        await stores[0].enroll(enrolment(each[0], encounter_id=each, create_subject=each[1] == "0"))

    async def mover(store: PartitionedStore) -> int:
        done = 0
        for _ in range(8):
            source, target = rng.sample(NAMES, 2)
            chosen = rng.choice([(), (rng.choice(ids),)])
            wanted = Move(*request(), source, target, chosen, create_target=rng.random() < 0.3)
            done += await outcome(store.move_encounters(wanted))
            found = await encounters_of(store)
            assert set(ids) >= set(found)
        return done

    done = await asyncio.gather(*(mover(store) for store in stores for _ in range(2)))
    assert sum(done) > 0
    assert sorted(ids) == sorted(await encounters_of(stores[0]))
    await require_sound(stores[0])


@pytest.mark.parametrize("seed", range(3))
async def test_every_write_meets_every_other(open_store: OpenStore, seed: int) -> None:
    """What was enrolled and not deleted is there once; what was deleted is nowhere; the store is sound."""
    rng, stores = random.Random(seed), [open_store() for _ in range(3)]
    enrolled, maybe_gone = Counter[str](), set[str]()
    numbers = iter(range(10**6))

    async def enrol(store: PartitionedStore) -> None:
        wanted = enrolment(rng.choice(NAMES), encounter_id=f"e{next(numbers)}", create_subject=rng.random() < 0.5)
        if await outcome(store.enroll(wanted)):
            enrolled[wanted.encounter.encounter_id] += 1

    async def move(store: PartitionedStore) -> None:
        source, target = rng.sample(NAMES, 2)
        chosen = rng.choice([(), tuple(rng.sample(sorted(enrolled), min(1, len(enrolled))))])
        await outcome(store.move_encounters(Move(*request(), source, target, chosen, (), rng.random() < 0.3)))

    async def delete(store: PartitionedStore) -> None:
        if enrolled:
            chosen = rng.choice(sorted(enrolled))
            maybe_gone.add(chosen)
            await outcome(store.delete_encounter(rng.choice(NAMES), chosen, *request()))

    async def change(store: PartitionedStore) -> None:
        name, chosen = rng.choice(NAMES), f"e{rng.randrange(20)}"
        new = replace(encounter(reference([1, 2, 3, 4]), encounter_id=chosen))
        await outcome(store.replace_encounter(name, new, *request()))
        await outcome(store.set_encounter_state(name, chosen, rng.choice(list(EncounterState)), *request()))
        await outcome(store.set_retention(name, chosen, new.create_time, *request()))
        await outcome(store.join_galleries(name, [rng.choice(["g1", "g2"])], *request()))

    async def writer(store: PartitionedStore) -> None:
        for _ in range(10):
            await rng.choice([enrol, enrol, move, delete, change])(store)

    await asyncio.gather(*(writer(store) for store in stores for _ in range(2)))
    found = Counter(await encounters_of(stores[0]))
    assert [] == [each for each, count in found.items() if count > 1]
    assert set(found) <= set(enrolled)
    assert set(enrolled) - maybe_gone <= set(found)
    await require_sound(stores[0])


async def test_a_deletion_that_was_answered_is_not_undone_by_a_move(open_store: OpenStore) -> None:
    """A subject erased while its encounters were moved away is gone, and they are at the target or nowhere."""
    here, there = open_store(), open_store()
    for number in range(8):
        source, target = f"s{number}", f"t{number}"
        for each in (source, target):
            await here.enroll(enrolment(each, encounter_id=each))
        moved, deleted = await asyncio.gather(
            outcome(here.move_encounters(Move(*request(), source, target))), outcome(there.delete(source, *request()))
        )
        assert source not in await here.get_many([source])
        expected = [target, source] if moved else [target]
        assert expected == [each.encounter_id for each in (await here.get(target)).encounters]
        assert moved or deleted
    await require_sound(here)


async def test_a_reader_misses_no_subject_that_gets_a_new_key(store: PartitionedStore) -> None:
    """Its rows or head were read before, and its key is looked for after the old one was destroyed."""
    await store.enroll(enrolment("anna"))
    key = (await store.backend.identity()).key("anna")
    modality = reference([1, 0, 0, 0]).modality

    async def replaced() -> None:
        await store.replace_encounter("anna", encounter(reference([9, 1, 1, 1])), *request())

    assert 1 == len((await late(store, "read", replaced).get("anna")).encounters)
    assert 1 == len((await late(store, "read", replaced).list_summaries(9)).subjects)
    page = await late(store, "read", replaced).references_of(modality, [(key.partition, key.name)])
    assert (["anna"], 1) == (page.subject_ids, len(page.owners))
    assert (await late(store, "known", replaced).before("another", "d", "anna")).subject_exists
    for call in (
        late(store, "known", replaced).enroll(enrolment("anna", encounter_id="e2", create_subject=False)),
        late(store, "known", replaced).set_encounter_state("anna", "e2", EncounterState.INACTIVE, *request()),
        late(store, "read", replaced).replace_encounter("anna", encounter(encounter_id="e2"), *request()),
        late(store, "known", replaced).join_galleries("anna", ["g"], *request()),
        late(store, "known", replaced).check_enrolment(enrolment("anna", encounter_id="e3", create_subject=False)),
    ):
        await call
    assert ["e1", "e2"] == [each.encounter_id for each in (await store.get("anna")).encounters]
    await require_sound(store)


async def require_sound(store: PartitionedStore) -> None:
    """Nothing is left to be completed, and lists, counts and records agree."""
    assert [] == await store.backend.leaving()
    await store.ping()
    assert ([], []) == ((found := await verify(store)).findings, found.erased)
    with pytest.raises(BiofusionError):
        await store.get("nobody")
