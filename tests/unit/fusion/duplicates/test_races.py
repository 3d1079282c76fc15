"""fusion.duplicates: of enrolments of one person at the same time, at most one passes as new."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from biometrics.errors import DuplicateFound, FeedTruncated, ServiceUnavailable, StoreUnavailable
from biometrics.template import Modality
from fusion.duplicates.policy import OnDuplicate
from fusion.use_cases.enrolment_result import EnrolmentResult
from gallery.store.values import Change, ConsistencyToken, Receipt
from gallery.subject import EncounterState
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.duplicates.enrolling import (
    MeetingMatcher,
    active,
    all_of,
    enrolled,
    guard_of,
    request,
    services_of,
)

REVIEW, REFUSE, ALLOW = OnDuplicate.REVIEW, OnDuplicate.REFUSE, OnDuplicate.ALLOW


@pytest.mark.parametrize("policy", [REVIEW, REFUSE])
async def test_in_one_process_one_of_many_passes(policy: OnDuplicate) -> None:
    """Of ten enrolments of one person at once the first passes, and those of other people pass beside it."""
    store = MemoryStore()
    services = services_of(store)
    guard = guard_of(store, services)
    people = ["ann"] * 10 + ["bob", "cleo"]
    results = await all_of(
        [enrolled(store, request(number, who, policy), services, guard) for number, who in enumerate(people)]
    )
    states = [each.state for each in results if isinstance(each, EnrolmentResult)]
    assert 3 == states.count(EncounterState.ACTIVE)
    assert ["s0", "s10", "s11"] == active(store)
    refused = [each for each in results if isinstance(each, DuplicateFound)]
    assert (9 if policy is REFUSE else 0) == len(refused)


async def test_in_one_process_nothing_has_to_be_taken_back() -> None:
    """The later enrolments wait for the first one and find it by their search, so no second look scores anybody."""
    store = MemoryStore()
    services = services_of(store)
    guard = guard_of(store, services)
    await all_of([enrolled(store, request(number, "ann", REVIEW), services, guard) for number in range(5)])
    assert (["s0"], [[], [], []]) == (active(store), [each.scored for each in services.values()])


async def test_between_processes_no_two_pass_for_review() -> None:
    """If two processes search before either writes, the later one holds its encounter, or both do."""
    store = MemoryStore()
    services = services_of(store, meeting=2)
    work = [enrolled(store, request(n, "ann", REVIEW), services, guard_of(store, services)) for n in (1, 2)]
    results = [each for each in await all_of(work) if isinstance(each, EnrolmentResult)]
    held = [each for each in results if each.state is EncounterState.INACTIVE]
    assert len(held) >= 1
    assert len(active(store)) <= 1
    assert {"s1", "s2"} == set(store.subjects)
    assert all(each.checks[0].candidates for each in held)


async def test_between_processes_no_two_pass_with_refusal() -> None:
    """If two processes search before either writes, the refused encounter is erased, and its repetition is refused."""
    store = MemoryStore()
    services = services_of(store, meeting=2)
    work = [enrolled(store, request(n, "ann", REFUSE), services, guard_of(store, services)) for n in (1, 2)]
    results = await all_of(work)
    refused = [number for number, each in enumerate(results, start=1) if isinstance(each, DuplicateFound)]
    assert len(refused) >= 1
    assert len(store.subjects) == 2 - len(refused)
    with pytest.raises(DuplicateFound, match="carried out before"):
        await enrolled(store, request(refused[0], "ann", REFUSE), services, guard_of(store, services))


async def test_between_processes_an_allowed_one_is_told() -> None:
    """With ALLOW both are stored active, and at least the later answer names the other one."""
    store = MemoryStore()
    services = services_of(store, meeting=2)
    work = [enrolled(store, request(n, "ann", ALLOW), services, guard_of(store, services)) for n in (1, 2)]
    results = [each for each in await all_of(work) if isinstance(each, EnrolmentResult)]
    assert ["s1", "s2"] == active(store)
    assert any(each.checks[0].candidates for each in results)


async def test_an_added_encounter_is_held_alone() -> None:
    """If the second look finds somebody, only the encounter that was added becomes inactive."""
    store = MemoryStore()
    services = services_of(store)
    await enrolled(store, request(1, "bob", REVIEW), services, guard_of(store, services))
    meeting = services_of(store, meeting=2)
    added = request(2, "ann", REVIEW, subject_id="s1", add_encounter=True)
    work = [enrolled(store, asked, meeting, guard_of(store, meeting)) for asked in (added, request(3, "ann", REVIEW))]
    await all_of(work)
    states = [each.state for each in store.subjects["s1"].encounters] + [
        each.state for each in store.subjects["s3"].encounters
    ]
    assert EncounterState.ACTIVE == states[0]
    assert EncounterState.INACTIVE in states[1:]


class ForgetfulStore(MemoryStore):
    """A store whose feed does not reach back."""

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        raise FeedTruncated("Read all again.")


@pytest.mark.parametrize("policy", [REVIEW, REFUSE])
async def test_an_unknown_past_is_not_passed(policy: OnDuplicate) -> None:
    """If it cannot be told who was stored meanwhile, the encounter is held, or taken back."""
    store = ForgetfulStore()
    services = services_of(store)
    (result,) = await all_of([enrolled(store, request(1, "ann", policy), services, guard_of(store, services))])
    if policy is REFUSE:
        assert (True, {}) == (isinstance(result, ServiceUnavailable), store.subjects)
    else:
        assert isinstance(result, EnrolmentResult)
        assert (EncounterState.INACTIVE, []) == (result.state, active(store))


async def test_a_caller_who_goes_does_not_break_off_the_second_look() -> None:
    """If the caller goes away after the write, the encounter is still held when somebody else is found."""
    store = MemoryStore()

    class Slow(MeetingMatcher):
        async def score(self, *args: object) -> object:  # type: ignore[override]
            scoring.set()
            await going.wait()
            return await super().score(*args)  # type: ignore[arg-type]

    scoring, going = asyncio.Event(), asyncio.Event()
    services = {each: Slow(each, store, meeting=asyncio.Barrier(2)) for each in Modality}
    tasks = [
        asyncio.create_task(enrolled(store, request(n, "ann", REVIEW), services, guard_of(store, services)))
        for n in (1, 2)
    ]
    await scoring.wait()
    for each in tasks:
        each.cancel()
    going.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(active(store)) <= 1
    assert {"s1", "s2"} == set(store.subjects)


class FailingStore(MemoryStore):
    """A store that fails between the write of an encounter and its correction."""

    async def set_encounter_state(self, *_: object) -> Receipt:  # type: ignore[override]
        """Fails."""
        raise StoreUnavailable("The disk is gone.")


async def test_an_encounter_that_cannot_be_held_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    """If the store fails when an encounter is to be held, the caller gets the error, and the log says what is left."""
    store = FailingStore()
    services = services_of(store, meeting=2)
    work = [enrolled(store, request(n, "ann", REVIEW), services, guard_of(store, services)) for n in (1, 2)]
    results = await all_of(work)
    failed = [each for each in results if isinstance(each, StoreUnavailable)]
    assert len(failed) >= 1
    assert len(failed) == sum("stays active" in each.getMessage() for each in caplog.records)
