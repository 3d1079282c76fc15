from __future__ import annotations

import random
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.template import Modality
from gallery.references import POSITION_ORDER
from gallery.sealing.key_table import KeyRef
from gallery.sealing.sealed_set import ENTRY, HEAD, Place
from gallery.store.records.heads import Head
from gallery.store.rows import ReferenceRow, SubjectRows
from gallery.store.subject_store import PartitionedStore
from tests.support.builders import enrolment, random_encounter
from tests.support.fakes.memory_backend import MemoryBackend
from tests.support.fakes.memory_keys import MemoryKey, MemoryKeyTable

FINGERPRINT = Modality.FINGERPRINT


@pytest.fixture
async def store() -> PartitionedStore:
    """A store of 50 people with any encounters."""
    store, rng = PartitionedStore(MemoryBackend(), MemoryKeyTable(), MemoryKey()), random.Random(1)
    for number in range(50):
        new = enrolment(f"s{number}", galleries=("a",) if number % 2 else ("a", "b"))
        await store.enroll(replace(new, encounter=random_encounter(rng, "e1")))
    return store


def backend_of(store: PartitionedStore) -> MemoryBackend:
    """The fake below."""
    assert isinstance(store.backend, MemoryBackend)
    return store.backend


async def read(store: PartitionedStore) -> tuple[dict[str, tuple[object, ...]], set[bytes]]:
    """What the columns of all fingerprints say of each subject, and the names of the unreadable."""
    found: dict[str, tuple[object, ...]] = {}
    unreadable: set[bytes] = set()
    async for page in store.references(FINGERPRINT, (), 16):
        unreadable |= set(page.unreadable)
        templates = list(page.templates)
        for row, subject_id in enumerate(page.subject_ids):
            own = [place for place, owner in enumerate(page.owners) if owner == row]
            facts = [(page.positions[o], page.model_ids[page.models[o]], templates[o]) for o in own]
            found[subject_id] = (page.partitions[row], page.names[row].tobytes(), page.galleries[row], facts)
    return found, unreadable


async def test_columns_are_what_was_enrolled(store: PartitionedStore) -> None:
    """Every subject is there once, with the references of its ACTIVE encounters in their order."""
    identity, (found, unreadable) = await store.backend.identity(), await read(store)
    assert (50, set()) == (len(found), unreadable)
    for subject_id, facts in found.items():
        subject, key = await store.get(subject_id), identity.key(subject_id)
        wanted = [each for each in subject.active_references if each.modality is FINGERPRINT]
        rows = [(POSITION_ORDER[r.position], r.template.model_id, r.template.data) for r in wanted]
        assert (key.partition, key.name, subject.galleries, rows) == facts


async def test_whoever_cannot_be_read_is_left_out_and_named(store: PartitionedStore) -> None:
    """A damaged head, a damaged set, a set of wrong values and a missing page of keys leave out their subjects only."""
    backend, identity = backend_of(store), await store.backend.identity()
    with_prints = [
        key
        for key, rows in backend.rows.items()
        if any(row.active and row.modality is FINGERPRINT for row in rows.references)
    ]
    head, damaged, wrong, lost = with_prints[:4]
    names = {each.name for each in with_prints[:4]}
    ids = {backend.rows[each].subject_id for each in with_prints[:4]}
    secret = (await store.keys_of(identity).find(wrong.partition, [Head.unpack(backend.rows[wrong].head).key_ref]))[0]
    assert secret
    backend.rows[head] = replace(backend.rows[head], head=b"\xc1")
    backend.rows[damaged] = with_sets(backend.rows[damaged], lambda row: row.sealed[:-1])
    backend.rows[wrong] = with_sets(
        backend.rows[wrong], lambda row: of_no_position(wrong.partition, wrong.name, row, secret)
    )
    missing = replace(Head.unpack(backend.rows[lost].head), key_ref=KeyRef(999, 0))
    backend.rows[lost] = replace(backend.rows[lost], head=missing.packed)
    found, unreadable = await read(store)
    assert (names, set()) == (unreadable, ids & found.keys())
    assert 46 == len(found)


def with_sets(rows: SubjectRows, change: object) -> SubjectRows:
    """The rows with every sealed set changed."""
    assert callable(change)
    return replace(rows, references=[replace(row, sealed=change(row)) for row in rows.references])


def of_no_position(partition: int, name: bytes, row: ReferenceRow, secret: bytes) -> bytes:
    """A set that is sealed well, and of which a value is none that a reference can have."""
    clear = HEAD.pack(1, 1, 3, 0, 0, bytes(12)) + ENTRY.pack(99, 0, 0, 1, 0.0) + b"\x01\x00m"
    place = Place(partition, name, row.number, row.modality)
    return clear + AESGCM(secret).encrypt(bytes(12), b"x", place.packed + clear)


async def test_who_is_erased_is_left_out_and_not_named(store: PartitionedStore) -> None:
    """A subject whose key was destroyed is in no column, although its rows are there."""
    backend = backend_of(store)
    key = next(iter(backend.rows))
    kept = backend.rows[key]
    await store.delete(kept.subject_id, "r", "d")
    backend.rows[key] = kept
    found, unreadable = await read(store)
    assert (49, False, set()) == (len(found), kept.subject_id in found, unreadable)


async def test_inactive_encounters_are_not_opened(store: PartitionedStore) -> None:
    """References of encounters that are not searched need not be readable for a search."""
    backend = backend_of(store)
    for key, rows in backend.rows.items():
        sets = [row if row.active else replace(row, sealed=b"damaged") for row in rows.references]
        backend.rows[key] = replace(rows, references=sets)
    found, unreadable = await read(store)
    assert (50, set()) == (len(found), unreadable)
    assert any(not row.active for rows in backend.rows.values() for row in rows.references)
