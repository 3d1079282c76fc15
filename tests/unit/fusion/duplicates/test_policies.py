"""fusion.duplicates: what an enrolment does if somebody else may be the same person."""

from __future__ import annotations

import pytest

from biometrics.errors import DuplicateFound, FieldInvalid, ServiceUnavailable, SubjectNotFound
from biometrics.template import Modality
from fusion.decision.decision import DecisionReason, Outcome
from fusion.duplicates.guard import DuplicateGuard
from fusion.duplicates.policy import OnDuplicate
from fusion.use_cases.enroll import try_out
from gallery.subject import EncounterState
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.duplicates.enrolling import active, enrolled, guard_of, request, services_of
from tests.unit.fusion.world import FakeMatcher

REVIEW, REFUSE, ALLOW = OnDuplicate.REVIEW, OnDuplicate.REFUSE, OnDuplicate.ALLOW
ACTIVE, INACTIVE = EncounterState.ACTIVE, EncounterState.INACTIVE

World = tuple[MemoryStore, dict[Modality, FakeMatcher], DuplicateGuard]


@pytest.fixture
async def world() -> World:
    """A store in which ann and bob are enrolled as s1 and s2, its services, and the guard of a process."""
    store = MemoryStore()
    services = services_of(store)
    guard = guard_of(store, services)
    for number, who in enumerate(("ann", "bob"), start=1):
        await enrolled(store, request(number, who, REFUSE), services, guard)
    return store, services, guard


@pytest.mark.parametrize(("policy", "state"), [(REVIEW, INACTIVE), (ALLOW, ACTIVE)])
async def test_a_duplicate_is_stored_as_the_policy_says(
    world: World, policy: OnDuplicate, state: EncounterState
) -> None:
    """With REVIEW a duplicate is stored inactive, with ALLOW active; the answer names whom it resembles."""
    store, services, guard = world
    result = await enrolled(store, request(3, "ann", policy), services, guard)
    (check,) = result.checks
    assert (state, Outcome.MATCH, "default", 2) == (
        result.state,
        check.decision.outcome,
        check.gallery,
        check.subject_count,
    )
    assert ["s1"] == [each.subject_id for each in check.candidates]
    assert [state] == [each.state for each in store.subjects["s3"].encounters]


async def test_a_duplicate_is_refused(world: World) -> None:
    """With REFUSE nothing is stored, and the error names the subjects and the outcome."""
    store, services, guard = world
    with pytest.raises(DuplicateFound) as caught:
        await enrolled(store, request(3, "ann", REFUSE), services, guard)
    assert {"subject_ids": "s1", "outcome": "MATCH"} == caught.value.metadata
    assert "s3" not in store.subjects


@pytest.mark.parametrize("policy", [REVIEW, REFUSE, ALLOW])
async def test_a_new_person_is_stored_active(world: World, policy: OnDuplicate) -> None:
    """Whatever the policy, somebody who resembles nobody is enrolled as without a check."""
    store, services, guard = world
    result = await enrolled(store, request(3, "cleo", policy, galleries=("default", "new")), services, guard)
    assert (ACTIVE, [("default", 2), ("new", 0)]) == (
        result.state,
        [(each.gallery, each.subject_count) for each in result.checks],
    )
    assert all(each.is_clear for each in result.checks)
    assert ["s1", "s2", "s3"] == active(store)


async def test_each_gallery_is_searched(world: World) -> None:
    """A duplicate in any gallery of the enrolment counts, and one in another gallery does not."""
    store, services, guard = world
    await enrolled(store, request(3, "cleo", REVIEW, galleries=("staff",)), services, guard)
    apart = await enrolled(store, request(4, "ann", REVIEW, galleries=("staff",)), services, guard)
    assert ACTIVE == apart.state
    both = await enrolled(store, request(5, "cleo", REVIEW, galleries=("default", "staff")), services, guard)
    assert (INACTIVE, [True, False]) == (both.state, [each.is_clear for each in both.checks])


async def test_own_encounters_are_no_duplicates(world: World) -> None:
    """A second encounter of a person is searched for in all galleries of the subject, and its own are left out."""
    store, services, guard = world
    second = request(3, "ann", REFUSE, subject_id="s1", add_encounter=True)
    result = await enrolled(store, second, services, guard)
    assert (ACTIVE, 2, 1) == (result.state, len(store.subjects["s1"].encounters), result.checks[0].subject_count)
    other = request(4, "bob", REVIEW, subject_id="s1", add_encounter=True)
    assert INACTIVE == (await enrolled(store, other, services, guard)).state
    with pytest.raises(SubjectNotFound):
        await enrolled(store, request(5, "ann", REFUSE, subject_id="s9", add_encounter=True), services, guard)


async def test_a_repetition_is_answered_without_a_search(world: World) -> None:
    """A request that was carried out is answered with its encounter's state, even while no service answers."""
    store, services, guard = world
    first = await enrolled(store, request(3, "ann", REVIEW), services, guard)
    for each in services.values():
        each.error = ServiceUnavailable("down")
    again = await enrolled(store, request(3, "ann", REVIEW), services, guard)
    assert (True, INACTIVE, ()) == (again.replayed, again.state, again.checks)
    assert first.encounter_id == again.encounter_id


@pytest.mark.parametrize("fault", ["error", "unsearched"])
async def test_an_incomplete_search_is_never_passed(world: World, fault: str) -> None:
    """If a service fails after the extraction, or leaves a part out, nobody passes as new."""
    store, services, guard = world

    class Failing(FakeMatcher):
        async def search(self, *args: object) -> object:  # type: ignore[override]
            if fault == "error":
                raise ServiceUnavailable("down")
            self.unsearched = 1
            return await super().search(*args)  # type: ignore[arg-type]

    services[Modality.FACE] = Failing(Modality.FACE, store)
    held = await enrolled(store, request(3, "cleo", REVIEW), services, guard)
    reason = DecisionReason.SERVICE_UNAVAILABLE if fault == "error" else DecisionReason.SEARCH_INCOMPLETE
    assert (INACTIVE, Outcome.REVIEW) == (held.state, held.checks[0].decision.outcome)
    assert reason in held.checks[0].decision.reasons
    with pytest.raises(ServiceUnavailable, match="nothing was stored"):
        await enrolled(store, request(4, "dora", REFUSE), services, guard)
    assert "s4" not in store.subjects
    allowed = await enrolled(store, request(5, "eve", ALLOW), services, guard)
    assert (ACTIVE, False) == (allowed.state, allowed.checks[0].is_clear)


async def test_a_trial_searches_too(world: World) -> None:
    """A trial tells the state and the candidates, or the refusal, and stores nothing."""
    store, services, guard = world
    trial = await try_out(request(3, "ann", REVIEW), services, store, 5.0, guard=guard)
    assert (INACTIVE, ["s1"]) == (trial.state, [each.subject_id for each in trial.checks[0].candidates])
    with pytest.raises(DuplicateFound):
        await try_out(request(3, "ann", REFUSE), services, store, 5.0, guard=guard)
    assert ["s1", "s2"] == sorted(store.subjects)


def test_a_rate_out_of_range_is_named() -> None:
    """The rate of the search is checked before any work."""
    with pytest.raises(FieldInvalid, match="duplicate_fpir"):
        request(3, "ann", REVIEW, duplicate_fpir=0.6)
