from __future__ import annotations

import random
from dataclasses import replace

import msgpack  # type: ignore[import-untyped]  # no type hints of its own
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality
from gallery.store.records import encounters
from gallery.store.rows import EncounterRow
from gallery.subject import Encounter, EncounterState, Reference
from tests.support.builders import START_TIME, encounter, random_encounter, reference


def by_modality(wanted: Encounter) -> dict[Modality, list[Reference]]:
    """The references of an encounter as they are stored."""
    return {m: [each for each in wanted.references if each.modality is m] for m in Modality}


@settings(deadline=None, database=None)
@given(st.integers(0, 2**32))
def test_an_encounter_comes_back(seed: int) -> None:
    """Any encounter is equal to itself after packing, its references in their order, and so is its summary."""
    wanted = random_encounter(random.Random(seed), "e1")
    row = encounters.pack(wanted, 3)
    assert (3, "e1") == (row.number, row.encounter_id)
    assert wanted == encounters.unpack(row, by_modality(wanted))
    assert wanted.summary == encounters.summary(row)
    other = EncounterState.INACTIVE if wanted.state is EncounterState.ACTIVE else EncounterState.ACTIVE
    changed = encounters.with_expiry(encounters.with_state(row, other), START_TIME)
    expected = replace(wanted, state=other, expire_time=START_TIME)
    assert expected == encounters.unpack(changed, by_modality(wanted))


def test_a_record_of_version_1_is_read() -> None:
    """It has no time of update or expiry, and becomes one of this version when it is changed."""
    wanted = encounter(reference([1, 0, 0, 0]))
    version, *fields = msgpack.unpackb(encounters.pack(wanted, 0).record)
    row = EncounterRow("e1", 0, msgpack.packb([version - 1, *fields[:-2]]))
    assert (wanted, wanted.summary) == (encounters.unpack(row, by_modality(wanted)), encounters.summary(row))
    assert encounters.pack(wanted, 0) == encounters.with_expiry(row, None)


def test_a_missing_reference_is_noticed() -> None:
    """An encounter of which references are missing is not read as a smaller one."""
    wanted = encounter(reference([1, 0, 0, 0]), reference([0, 1, 0, 0]))
    row = encounters.pack(wanted, 0)
    for left in ({}, {Modality.FINGERPRINT: wanted.references[:1]}):
        with pytest.raises(RecordUnreadable):
            encounters.unpack(row, left)


@pytest.mark.parametrize(
    "record",
    [
        b"",
        b"\xc1",
        msgpack.packb(1),
        msgpack.packb([2, 0, "ACTIVE", [], b""]),
        msgpack.packb([1, 0]),
        msgpack.packb([1, 0, "SOMETHING", [], b""]),
        msgpack.packb([1, 2**62, "ACTIVE", [], b""]),
    ],
)
def test_a_record_that_cannot_be_read_is_a_named_error(record: bytes) -> None:
    """Damaged records and those of a newer version raise RecordUnreadable, also in a summary."""
    row = EncounterRow("e1", 0, record)
    with pytest.raises(RecordUnreadable):
        encounters.unpack(row, {})
    with pytest.raises(RecordUnreadable):
        encounters.summary(row)


def test_a_summary_needs_no_references() -> None:
    """Where the order of the references is nonsense the encounter cannot be read, and its summary can."""
    row = replace(encounters.pack(encounter(), 0), record=msgpack.packb([1, 0, "ACTIVE", [], b"\x09"]))
    with pytest.raises(RecordUnreadable):
        encounters.unpack(row, {})
    assert "e1" == encounters.summary(row).encounter_id
