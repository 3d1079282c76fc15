"""Writes that change what a subject has: rows written anew, hidden, expiring, barred; and names for galleries."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from biometrics.template import Modality
from gallery.store.backend import Backend, EncounterRow, Expiry, ExpiryRow, Outcome, StoreIdentity
from tests.contract.backend.test_registers import newest, snapshot
from tests.support.stores.backend_writes import erasure, ids_by_partition, put, request

FACE, IRIS = Modality.FACE, Modality.IRIS
LATE = 2**60


async def test_a_subject_is_written_anew(backend: Backend, identity: StoreIdentity) -> None:
    """Its rows and times of expiry are those of the write only, and its galleries and counts stay."""
    await backend.write(replace(put(identity, "anna", modalities=[FACE, IRIS]), expiries=[Expiry("e0", 5)]))
    await backend.write(put(identity, "anna", expected=b"head 1", head=b"head 2", number=1, galleries=()))
    again = put(identity, "anna", expected=b"head 2", head=b"head 3", number=0, galleries=(), modalities=[IRIS])
    written = await backend.write(replace(again, anew=True, key_slots=[b"old"], expiries=[Expiry("e0", 7)]))
    assert Outcome.WRITTEN is written.outcome
    (rows,) = await backend.read([identity.key("anna")], [FACE, IRIS], encounters=True)
    assert rows is not None
    assert (list(again.encounters), list(again.references)) == (list(rows.encounters), list(rows.references))
    assert [ExpiryRow(7, "anna", "e0")] == await backend.expiring(LATE, None, 9)
    assert [(again.key.partition, b"old")] == list(await backend.key_slots())
    assert (1, 1) == (sum((await backend.counts("")).values()), sum((await backend.counts("default")).values()))


async def test_writing_anew_drops_the_snapshots_of_its_partition(backend: Backend, identity: StoreIdentity) -> None:
    """Their keys must be destroyed, and none that began before is registered any more."""
    own, other = (
        "anna",
        next(each for each in "bcdefgh" if identity.key(each).partition != identity.key("anna").partition),
    )
    for each in (own, other):
        await backend.write(put(identity, each))
    before = await newest(backend, identity.key(own).partition)
    await backend.put_snapshot(snapshot(before))
    await backend.put_snapshot(snapshot(await newest(backend, identity.key(other).partition), "n2"))
    again = put(identity, own, expected=b"head 1", head=b"head 2", galleries=())
    await backend.write(replace(again, anew=True))
    assert ["n2"] == [each.name for each in await backend.snapshots(FACE, range(4))]
    assert [(before.partition, b"key n1")] == list(await backend.key_slots())
    assert not await backend.put_snapshot(snapshot(before))
    assert await backend.put_snapshot(snapshot(await newest(backend, before.partition)))


async def test_an_encounter_is_changed_and_hidden(backend: Backend, identity: StoreIdentity) -> None:
    """Its record is replaced, and its references of all modalities are searched no longer; the others stay."""
    await backend.write(put(identity, "anna", modalities=[FACE, IRIS]))
    await backend.write(put(identity, "anna", expected=b"head 1", head=b"head 2", number=1, galleries=()))
    changed = replace(
        put(identity, "anna", expected=b"head 2", head=b"head 3", galleries=()),
        encounters=(),
        references=(),
        changed=[EncounterRow("e0", 0, b"another record")],
        activity=[(0, False)],
    )
    assert Outcome.WRITTEN is (await backend.write(changed)).outcome
    (rows,) = await backend.read([changed.key], [FACE, IRIS], encounters=True)
    assert rows is not None
    assert [b"another record", b"record"] == [each.record for each in rows.encounters]
    assert [(0, False), (0, False), (1, True)] == [(each.number, each.active) for each in rows.references]


async def test_expiring_encounters_come_in_order_of_time(backend: Backend, identity: StoreIdentity) -> None:
    """Pages of any size, each after the last row of the one before, have every expiry before a time exactly once."""
    rng, rows = random.Random(3), []
    for number, name in enumerate(n for own in ids_by_partition(identity, 12).values() for n in own):
        times = [rng.choice([-5, 10, 10, 10, 1767225600000001, 2**52 + number]) for _ in range(3)]
        write = put(identity, name)
        encounters = [EncounterRow(f"e{i}", i, b"record") for i in range(3)]
        expiries = [Expiry(f"e{i}", time) for i, time in enumerate(times)]
        await backend.write(replace(write, encounters=encounters, expiries=expiries))
        rows += [ExpiryRow(time, name, f"e{i}") for i, time in enumerate(times)]
    for before in (10, 11, 1767225600000001, 1767225600000002, LATE):
        for limit in (1, 7, 1000):
            found: list[ExpiryRow] = []
            while page := await backend.expiring(before, found[-1] if found else None, limit):
                assert len(page) <= limit
                found += page
            assert sorted(each for each in rows if each.time < before) == found


async def test_times_of_expiry_change_and_end(backend: Backend, identity: StoreIdentity) -> None:
    """A time is replaced, removed, and removed with its subject; a write that is refused changes none."""
    write = put(identity, "anna")
    await backend.write(replace(write, expiries=[Expiry("e0", 5)]))
    keeping = replace(write, expected=b"head 1", joined=(), encounters=(), references=())
    await backend.write(replace(keeping, request=request(), expiries=[Expiry("e0", 9)]))
    assert [ExpiryRow(9, "anna", "e0")] == await backend.expiring(LATE, None, 9)
    await backend.write(replace(keeping, request=request(), expected=b"other", expiries=[Expiry("e0", None)]))
    assert [ExpiryRow(9, "anna", "e0")] == await backend.expiring(LATE, None, 9)
    await backend.write(replace(keeping, request=request(), expiries=[Expiry("e0", None)]))
    assert [] == await backend.expiring(LATE, None, 9)
    await backend.write(replace(keeping, request=request(), expiries=[Expiry("e0", 3)]))
    await backend.write(erasure(identity, "anna"))
    assert [] == await backend.expiring(LATE, None, 9)


async def test_a_receipt_bars_a_write(backend: Backend, identity: StoreIdentity) -> None:
    """A write is not carried out if the partition has the receipt that it must not find, and is if it has another."""
    await backend.write(put(identity, "anna", of=request("r")))
    other = put(identity, "anna", expected=b"head 1", head=b"head 2", number=1, galleries=())
    assert Outcome.BARRED is (await backend.write(replace(other, unless=request("r").name))).outcome
    (rows,) = await backend.read([other.key], [FACE], encounters=True)
    assert rows is not None
    assert (b"head 1", 1) == (rows.head, len(rows.encounters))
    assert Outcome.WRITTEN is (await backend.write(replace(other, unless=request("s").name))).outcome


async def test_a_repetition_is_known_although_it_is_barred(backend: Backend, identity: StoreIdentity) -> None:
    """What was carried out before is told so, whatever was written since."""
    write = replace(put(identity, "anna", of=request("r")), unless=request("s").name)
    first = await backend.write(write)
    await backend.write(put(identity, "anna", expected=b"head 1", number=1, galleries=(), of=request("s")))
    again = await backend.write(write)
    assert (Outcome.DONE, first.position) == (again.outcome, again.position)


async def test_subjects_that_are_left_are_listed(backend: Backend, identity: StoreIdentity) -> None:
    """From the write that says so until one that says the contrary, or an erasure."""
    names = [each for own in ids_by_partition(identity, 1).values() for each in own]
    for name in names:
        await backend.write(replace(put(identity, name), leaving=True))
    assert sorted(names) == await backend.leaving()
    assert names[1:2] == await backend.leaving([1])
    other = put(identity, names[0], expected=b"head 1", number=1, galleries=())
    await backend.write(other)
    assert sorted(names) == await backend.leaving()
    await backend.write(replace(other, request=request(), encounters=(), references=(), leaving=False))
    await backend.write(erasure(identity, names[1]))
    assert sorted(names[2:]) == await backend.leaving()


@pytest.mark.usefixtures("identity")
async def test_a_name_stands_for_a_gallery(backend: Backend) -> None:
    """It is switched, and removed, each once for each request; removing one that is none changes nothing."""
    assert Outcome.CHANGED is (await backend.put_alias("live", "", request())).outcome
    assert Outcome.WRITTEN is (await backend.put_alias("live", "g1", request("r"))).outcome
    await backend.put_alias("live", "g2", request())
    assert Outcome.DONE is (await backend.put_alias("live", "g1", request("r"))).outcome
    await backend.put_alias("a", "g1", request())
    assert [("a", "g1"), ("live", "g2")] == list((await backend.aliases()).items())
    assert Outcome.WRITTEN is (await backend.put_alias("live", "", request())).outcome
    assert {"a": "g1"} == await backend.aliases()
