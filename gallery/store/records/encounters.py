"""An encounter without its references ↔ bytes: a msgpack array.

    [VERSION, create_time, state, missing, order, update_time, expire_time]

Times are in µs since 1970 UTC, or nil; version 1 ended before update_time. A missing position is
`[modality, position, reason]`. The references of each modality are stored in rows of their own; `order` has a byte per
reference, the index of its modality, in the encounter's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, overload

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import RecordUnreadable
from biometrics.template import MissingReason, Modality, Position
from gallery.store.records.heads import DAMAGED, damaged, newer
from gallery.store.rows import EncounterRow
from gallery.subject import Encounter, EncounterState, EncounterSummary, Missing, Reference

VERSION = 2
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MODALITIES = tuple(Modality)


def pack(encounter: Encounter, number: int) -> EncounterRow:
    """The row of an encounter. Its time must have a time zone; it is kept in UTC, to the µs."""
    missing = [[each.modality.value, each.position.value, each.reason.value] for each in encounter.missing]
    times = [micros(each) for each in (encounter.update_time, encounter.expire_time)]
    order = bytes(MODALITIES.index(each.modality) for each in encounter.references)
    record: bytes = msgpack.packb(
        [VERSION, micros(encounter.create_time), encounter.state.value, missing, order, *times]
    )
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
        time, state, missing, order, update, expire = _fields(row)
        waiting = {modality: iter(own) for modality, own in references.items()}
        return Encounter(
            encounter_id=row.encounter_id,
            create_time=moment(time),
            references=tuple([next(waiting[MODALITIES[each]]) for each in order]),
            missing=tuple(Missing(Modality(m), Position(p), MissingReason(r)) for m, p, r in missing),
            state=EncounterState(state),
            update_time=moment(update),
            expire_time=moment(expire),
        )
    except RecordUnreadable:
        raise
    except (*DAMAGED, LookupError, StopIteration) as error:
        raise damaged() from error


def with_state(row: EncounterRow, state: EncounterState) -> EncounterRow:
    """The row in another state. Raises as `summary`."""
    time, _, *rest = _checked(row)
    return _row(row, [time, state.value, *rest])


def with_expiry(row: EncounterRow, expire_time: datetime | None) -> EncounterRow:
    """The row with another time of expiry. Raises as `summary`."""
    *rest, _ = _checked(row)
    return _row(row, [*rest, micros(expire_time)])


def summary(row: EncounterRow) -> EncounterSummary:
    """The summary of an encounter's row.

    Raises:
        RecordUnreadable: the row is damaged, or of a newer version.
    """
    try:
        time, state, _, _, update, expire = _fields(row)
        return EncounterSummary(row.encounter_id, moment(time), EncounterState(state), moment(update), moment(expire))
    except RecordUnreadable:
        raise
    except DAMAGED as error:
        raise damaged() from error


def _checked(row: EncounterRow) -> list[Any]:
    """The fields of a row that can be read."""
    summary(row)
    return _fields(row)


def _row(row: EncounterRow, fields: list[Any]) -> EncounterRow:
    record: bytes = msgpack.packb([VERSION, *fields])
    return replace(row, record=record)


@overload
def micros(time: datetime) -> int: ...
@overload
def micros(time: None) -> None: ...
def micros(time: datetime | None) -> int | None:
    """A time as µs since 1970."""
    return None if time is None else (time - EPOCH) // MICROSECOND


@overload
def moment(time: int) -> datetime: ...
@overload
def moment(time: None) -> None: ...
def moment(time: int | None) -> datetime | None:
    """The inverse, in UTC."""
    return None if time is None else EPOCH + time * MICROSECOND


def _fields(row: EncounterRow) -> list[Any]:
    fields: list[Any]
    version, *fields = msgpack.unpackb(row.record)
    if version == 1:
        return [*fields, None, None]
    if version != VERSION:
        raise newer(version, VERSION)
    return fields
