"""Verification of a whole store."""

from __future__ import annotations

from dataclasses import replace

from gallery.operations.verify import verify
from gallery.sealing.key_table import KeyRef
from gallery.store.records.heads import Head
from gallery.store.rows import ExpiryRow
from gallery.store.subject_store import PartitionedStore
from tests.support.fakes.memory_backend import MemoryBackend


async def test_a_sound_store_has_no_findings(people: PartitionedStore) -> None:
    """Every subject and reference is counted, and progress ends at all."""
    told: list[tuple[int, int]] = []
    result = await verify(people, lambda done, total: told.append((done, total)))
    subjects = (await people.list(1000)).subjects
    references = sum(len(each.references) for subject in subjects for each in subject.encounters)
    assert (300, references, [], []) == (result.subjects, result.references, result.findings, result.erased)
    assert (300, 300) == told[-1]


async def test_lists_that_differ_from_the_records_are_named(people: PartitionedStore) -> None:
    """A time of expiry that is missing from the list, or is in it for nothing, and a move that was begun."""
    backend = people.backend
    assert isinstance(backend, MemoryBackend)
    kept = set(backend.expiries)
    for changed in (
        kept - {min(kept)},
        kept | {ExpiryRow(7, "s001", "e1")},
        kept - {min(kept)} | {ExpiryRow(1, "s", "e")},
    ):
        backend.expiries = changed
        assert ["the list of encounters that expire differs from their records"] == [
            what for _, what in (await verify(people)).findings
        ]
    backend.expiries, backend.subjects_leaving = kept, {"s001"}
    assert ["s001"] == [name for name, _ in (await verify(people)).findings]


async def test_damage_is_named_by_subject(people: PartitionedStore) -> None:
    """A damaged set, a damaged head, a lost encounter, a missing page of keys and a wrong count are each named."""
    backend = people.backend
    identity = await backend.identity()

    def change(subject_id: str, **fields: object) -> None:
        key = identity.key(subject_id)
        backend.rows[key] = replace(backend.rows[key], **fields)

    rows = {name: backend.rows[identity.key(name)] for name in ("s004", "s008", "s012", "s016")}
    number = next(n for n in range(300) if backend.rows[identity.key(f"s{n:03}")].references)
    damaged = backend.rows[identity.key(f"s{number:03}")]
    row = damaged.references[0]
    change(f"s{number:03}", references=[replace(row, sealed=row.sealed[:-1] + bytes([row.sealed[-1] ^ 1]))])
    change("s008", head=b"\x00")
    change("s012", encounters=rows["s012"].encounters[:1])
    lost = replace(Head.unpack(rows["s016"].head), key_ref=KeyRef(9999, 0))
    change("s016", head=lost.packed)
    backend.members["watch"].discard("s003")
    result = await verify(people)
    found = dict(result.findings)
    assert {f"s{number:03}", "s008", "s012", "s016"} <= set(found)
    assert "cannot be read" in found["s008"]
    assert "not in the key table" in found["s016"]
    assert "gallery watch" in found
    assert 296 == result.subjects
