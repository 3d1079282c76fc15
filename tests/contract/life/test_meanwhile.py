"""Writes that come between the steps of a move: the outcome is that of one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from biometrics.errors import BiofusionError, StoreUnavailable
from gallery.operations.verify import verify
from gallery.store.life.values import Move
from gallery.store.port import SubjectStore
from gallery.store.subject_store import PartitionedStore
from gallery.subject import EncounterState
from tests.contract.life.test_encounters import request
from tests.support.builders import encounter, enrolment, reference
from tests.support.fakes.memory_store import MemoryStore
from tests.support.stores.meddled_backend import dying, slow

Act = Callable[[Any], Awaitable[object]]


def move(*arguments: object) -> Act:
    """A move of its own request, the same whoever carries it out."""
    wanted = Move(*request(), *arguments)  # type: ignore[arg-type]  # those of Move
    return lambda store: store.move_encounters(wanted)


def call(method: str, *arguments: object) -> Act:
    """A call of its own request."""
    wanted = request()
    return lambda store: getattr(store, method)(*arguments, *wanted)


def enrol(subject_id: str, encounter_id: str, *, create: bool = False) -> Act:
    """An enrolment."""
    wanted = enrolment(subject_id, encounter_id=encounter_id, create_subject=create)
    return lambda store: store.enroll(wanted)


MOVES = {
    "move": ("anna", "ben", ("e2",)),
    "merge": ("anna", "ben"),
    "split": ("anna", "new", ("e1",), (), True),
}
MEANWHILE: dict[str, Act] = {
    "enrol at the source": enrol("anna", "e9"),
    "enrol at the target": enrol("ben", "e9"),
    "take the id at the target": enrol("ben", "e2"),
    "take the new target": enrol("new", "e9", create=True),
    "erase the source": call("delete", "anna"),
    "erase the target": call("delete", "ben"),
    "delete what moves": call("delete_encounter", "anna", "e2"),
    "delete what stays": call("delete_encounter", "anna", "e1"),
    "replace what moves": call("replace_encounter", "anna", encounter(reference([8, 8, 8, 8]), encounter_id="e2")),
    "hide what moves": call("set_encounter_state", "anna", "e2", EncounterState.INACTIVE),
    "join": call("join_galleries", "anna", ["g2"]),
    "move the other way": move("ben", "anna", ("e3",)),
    "merge the other way": move("ben", "anna"),
    "move elsewhere": move("anna", "cleo", ("e2",)),
    "merge elsewhere": move("anna", "cleo"),
    "move the target on": move("ben", "cleo"),
    "be moved to": move("cleo", "anna"),
}


async def begun(store: SubjectStore) -> None:
    """Three subjects with encounters of their own."""
    for subject_id, own in (("anna", "e1"), ("anna", "e2"), ("ben", "e3"), ("cleo", "e4")):
        create = own != "e2"
        await store.enroll(enrolment(subject_id, reference([1, 0, 0, 0]), encounter_id=own, create_subject=create))


async def content(store: SubjectStore) -> object:
    """All subjects; the order of encounters depends on the order of moves, and is left out."""
    return {
        each.subject_id: (each.galleries, {e.encounter_id: e for e in each.encounters})
        for each in (await store.list(100)).subjects
    }


async def tried(act: Act, store: object) -> bool:
    """Whether it was carried out."""
    try:
        await act(store)
    except StoreUnavailable:
        raise
    except BiofusionError:
        return False
    return True


async def serial(acts: list[Act]) -> tuple[list[bool], object]:
    """What becomes of calls that are carried out one after the other."""
    model = MemoryStore()
    await begun(model)
    return [await tried(act, model) for act in acts], await content(model)


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("other", MEANWHILE)
@pytest.mark.parametrize("kind", MOVES)
async def test_a_write_meanwhile_is_as_before_or_after_the_move(
    open_sqlite: Callable[[], PartitionedStore], kind: str, other: str, place: int
) -> None:
    """It happens before one of the move's writes, or after the last, by another process that completes the move."""
    store, first, second = open_sqlite(), move(*MOVES[kind]), MEANWHILE[other]
    await begun(store)
    results: list[bool] = []

    async def meanwhile() -> None:
        results.append(await tried(second, store))

    done = await tried(first, slow(store, place, meanwhile))
    if not results:
        await meanwhile()
    (one, other_done), after = await serial([first, second])
    (other_first, two), before = await serial([second, first])
    outcome = ([done, *results], await content(store))
    assert outcome in (([one, other_done], after), ([two, other_first], before))
    await store.ping()
    assert ([], []) == (await store.backend.leaving(), (await verify(store)).findings)


@pytest.mark.parametrize("place", range(1, 4))
@pytest.mark.parametrize("other", MEANWHILE)
@pytest.mark.parametrize("kind", MOVES)
async def test_a_write_after_an_interruption_is_as_before_or_after_the_move(
    open_sqlite: Callable[[], PartitionedStore], kind: str, other: str, place: int
) -> None:
    """The process that moves dies after one of its writes, and another process writes then."""
    store, first, second = open_sqlite(), move(*MOVES[kind]), MEANWHILE[other]
    await begun(store)
    with pytest.raises(StoreUnavailable):
        await first(dying(store, place, tells=False))
    results = [await tried(second, store)]
    await store.ping()
    found = await content(store)
    possible = [await serial([first, second]), await serial([second, first]), await serial([second])]
    assert (results[0], found) in [
        (possible[0][0][1], possible[0][1]),
        (possible[1][0][0], possible[1][1]),
        (possible[2][0][0], possible[2][1]),
    ]
    assert ([], []) == (await store.backend.leaving(), (await verify(store)).findings)


async def test_what_was_refused_does_not_arrive_late(store: PartitionedStore) -> None:
    """The process that moves is slow; another one finds the target unwilling, and it is willing again after that."""
    await begun(store)
    taken, freed = enrol("ben", "e2"), call("delete_encounter", "ben", "e2")

    async def meanwhile() -> None:
        await taken(store)
        await store.ping()
        assert [] == await store.backend.leaving()
        await store.enroll(enrolment("anna", encounter_id="e9", create_subject=False))
        await freed(store)
        await store.delete("anna", *request())

    assert not await tried(move("anna", "ben", ("e2",)), slow(store, 1, meanwhile))
    assert {"ben", "cleo"} == {each.subject_id for each in (await store.list(9)).subjects}
    assert ["e3"] == [each.encounter_id for each in (await store.get("ben")).encounters]
