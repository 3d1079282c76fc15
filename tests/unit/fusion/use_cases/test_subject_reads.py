from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from biometrics.errors import RecordUnreadable, StoreUnavailable, SubjectNotFound
from fusion.use_cases.subject_reads import GalleryReader, SubjectReader
from gallery.store.shared_reads import MOST
from gallery.subject import Subject
from infra.deadlines import NEVER, Deadline, current_deadline
from tests.support.builders import enrolment
from tests.support.fakes.memory_store import MemoryStore


@dataclass
class Held(MemoryStore):
    """A store whose reads wait until they are released; it records what each one reads."""

    reads: list[list[str]] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """Read once the read is released."""
        self.reads.append(list(subject_ids))
        self.deadlines.append(current_deadline.get())
        self.begun.set()
        await self.go.wait()
        return await super().get_many(subject_ids)


async def held(*people: str) -> Held:
    """A store with these people, its reads held."""
    store = Held()
    for who in people:
        await store.enroll(enrolment(who))
    return store


async def ask(reader: SubjectReader, *people: str) -> list[asyncio.Task[Subject]]:
    """Read each subject in a task of its own; all tasks have begun."""
    asked = [asyncio.create_task(reader.get(who)) for who in people]
    await asyncio.sleep(0)  # lets the tasks run; waits for no time
    return asked


async def test_those_who_wait_share_a_read() -> None:
    """Callers that come during a read wait for the next one, which serves all of them, each with its own subject."""
    store = await held("ann", "bob", "cleo")
    reader = SubjectReader(store)
    first = await ask(reader, "ann")
    await store.begun.wait()
    rest = await ask(reader, "bob", "cleo", "bob")
    store.go.set()
    found = await asyncio.gather(*first, *rest)
    assert ["ann", "bob", "cleo", "bob"] == [each.subject_id for each in found]
    assert [["ann"], ["bob", "cleo"]] == store.reads


async def test_a_write_acknowledged_before_is_seen() -> None:
    """A read that began before a write is not used for a caller that comes after the write."""
    store = await held("ann")
    reader = SubjectReader(store)
    early = await ask(reader, "ann")
    await store.begun.wait()
    await store.enroll(enrolment("ann", encounter_id="e2", create_subject=False))
    late = await ask(reader, "ann")
    store.go.set()
    await asyncio.gather(*early)
    assert ["e1", "e2"] == [each.encounter_id for each in (await late[0]).encounters]
    assert 2 == len(store.reads)


async def test_a_cancelled_caller_does_not_affect_the_others() -> None:
    """If a caller is cancelled, the others of its read are served, and its own subject is not read."""
    store = await held("ann", "bob")
    reader = SubjectReader(store)
    first = await ask(reader, "ann", "ann")
    await store.begun.wait()
    waiting = await ask(reader, "bob", "ann")
    first[0].cancel()
    waiting[0].cancel()
    store.go.set()
    assert ["ann", "ann"] == [(await each).subject_id for each in (first[1], waiting[1])]
    assert [["ann"], ["ann"]] == store.reads


async def test_each_caller_gets_its_own_error() -> None:
    """One subject is not found while others are; an outage of the store fails all callers, and it may recover."""
    store = await held("ann")
    reader = SubjectReader(store)
    store.go.set()
    found = await asyncio.gather(*await ask(reader, "ann", "zoe"), return_exceptions=True)
    assert [Subject, SubjectNotFound] == [type(each) for each in found]
    store.down = True
    failed = await asyncio.gather(*await ask(reader, "ann", "zoe"), return_exceptions=True)
    assert [StoreUnavailable, StoreUnavailable] == [type(each) for each in failed]
    store.down = False
    assert "ann" == (await reader.get("ann")).subject_id


async def test_a_shared_read_has_no_callers_deadline() -> None:
    """A read for several callers is not ended by the deadline of the first of them."""
    store = await held("ann")
    store.go.set()
    current_deadline.set(Deadline.after(1.0))
    await SubjectReader(store).get("ann")
    assert [NEVER] == store.deadlines


async def test_many_are_read_in_parts() -> None:
    """A read is for a limited number of subjects, however many callers wait."""
    people = [f"p{number:03}" for number in range(MOST + 1)]
    store = await held(*people)
    store.go.set()
    found = await asyncio.gather(*await ask(SubjectReader(store), *people))
    assert people == [each.subject_id for each in found]
    assert [MOST, 1] == [len(each) for each in store.reads]


async def test_unknown_subject_alone() -> None:
    """A subject that is not enrolled is not found."""
    store = await held()
    store.go.set()
    with pytest.raises(SubjectNotFound):
        await SubjectReader(store).get("ann")


class Damaged(MemoryStore):
    """A store in which the record of bob cannot be read."""

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """Refuse to read bob, and whoever is read with him."""
        if "bob" in subject_ids:
            raise RecordUnreadable("A subject's record is damaged.")
        return await super().get_many(subject_ids)


async def test_a_record_that_cannot_be_read_fails_its_own_callers_only() -> None:
    """Those who share a read with the caller of a damaged record get their subjects."""
    store = Damaged()
    await store.enroll(enrolment("ann"))
    found = await asyncio.gather(*await ask(SubjectReader(store), "ann", "bob", "zoe"), return_exceptions=True)
    assert [Subject, RecordUnreadable, SubjectNotFound] == [type(each) for each in found]


async def test_galleries_are_read_together() -> None:
    """Each asker gets the galleries of its subject; of one who does not exist, none."""
    store = MemoryStore()
    await store.enroll(enrolment("ann", galleries=("west", "east")))
    await store.enroll(enrolment("bob"))
    reader = GalleryReader(store)
    found = await asyncio.gather(*map(reader.of, ("ann", "nobody", "bob", "ann")))
    assert [["east", "west"], [], ["default"], ["east", "west"]] == [sorted(each) for each in found]
