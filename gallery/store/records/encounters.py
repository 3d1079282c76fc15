"""An encounter without its references ↔ bytes: a msgpack array `[VERSION, create_time, state, missing, order]`.

create_time is in µs since 1970 UTC; a missing position is `[modality, position, reason]`. The references of each
modality are stored in rows of their own; `order` has a byte per reference, the index of its modality, in the
encounter's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import RecordUnreadable
from biometrics.template import MissingReason, Modality, Position
from gallery.store.records.heads import DAMAGED, damaged, newer
from gallery.store.rows import EncounterRow
from gallery.subject import Encounter, EncounterState, EncounterSummary, Missing, Reference

VERSION = 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MODALITIES = tuple(Modality)


def pack(encounter: Encounter, number: int) -> EncounterRow:
    """The row of an encounter. Its time must have a time zone; it is kept in UTC, to the µs."""
    missing = [[each.modality.value, each.position.value, each.reason.value] for each in encounter.missing]
    time = (encounter.create_time - EPOCH) // MICROSECOND
    order = bytes(MODALITIES.index(each.modality) for each in encounter.references)
    record: bytes = msgpack.packb([VERSION, time, encounter.state.value, missing, order])
    return EncounterRow(encounter.encounter_id, number, record)


def unpack(row: EncounterRow, references: Mapping[Modality, Sequence[Reference]]) -> Encounter:
    """The encounter of a row, with its references.

    Args:
        row: the row.
        references: those of the encounter, by modality, each in its order.

    Raises:
        RecordUnreadable: the row is damaged, of a newer version, or some of its references are missing.
    """
    try:
        time, state, missing, order = _fields(row)
        waiting = {modality: iter(own) for modality, own in references.items()}
        return Encounter(
            encounter_id=row.encounter_id,
            create_time=EPOCH + time * MICROSECOND,
            references=tuple([next(waiting[MODALITIES[each]]) for each in order]),
            missing=tuple(Missing(Modality(m), Position(p), MissingReason(r)) for m, p, r in missing),
            state=EncounterState(state),
        )
    except RecordUnreadable:
        raise
    except (*DAMAGED, LookupError, StopIteration) as error:
        raise damaged() from error


def summary(row: EncounterRow) -> EncounterSummary:
    """The summary of an encounter's row.

    Raises:
        RecordUnreadable: the row is damaged, or of a newer version.
    """
    try:
        time, state, _, _ = _fields(row)
        return EncounterSummary(row.encounter_id, EPOCH + time * MICROSECOND, EncounterState(state))
    except RecordUnreadable:
        raise
    except DAMAGED as error:
        raise damaged() from error


def _fields(row: EncounterRow) -> list[Any]:
    fields: list[Any]
    version, *fields = msgpack.unpackb(row.record)
    if version != VERSION:
        raise newer(version, VERSION)
    return fields
