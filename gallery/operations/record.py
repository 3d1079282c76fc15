"""Subject ↔ bytes: the record of an archive, and of stores of schema version 1 and 2.

A msgpack array `[VERSION, subject_id, galleries, encounters]`, in which

- an encounter is `[id, create_time, state, references, missing]`, followed in version 2 by update_time and expire_time;
  times are in µs since 1970 UTC, or nil;
- a reference is `[position, modality, model_id, data, quality]`, followed by `true` if the quality is claimed; an
  unknown quality is nil (earlier programs wrote 0 for it, which cannot be told from a measured 0 and is read as one);
- a missing position is `[modality, position, reason]`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgpack  # type: ignore[import-untyped]  # no type hints of its own

from biometrics.errors import BiofusionError, RecordUnreadable
from biometrics.template import MissingReason, Modality, Position, Template
from gallery.subject import Encounter, EncounterState, Missing, Reference, Subject

VERSION = 2
"""Written if an encounter has an update_time or expire_time; else 1, which earlier programs read."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_DAMAGED = (ValueError, TypeError, OverflowError, msgpack.exceptions.UnpackException, BiofusionError)


def pack(subject: Subject) -> bytes:
    """The record of a subject. Encounter times must have a time zone; they are kept in UTC, to the µs."""
    version = VERSION if any(each.update_time or each.expire_time for each in subject.encounters) else 1
    encounters = [_encounter_to_wire(each, version) for each in subject.encounters]
    packed: bytes = msgpack.packb([version, subject.subject_id, list(subject.galleries), encounters])
    return packed


def unpack(record: bytes) -> Subject:
    """The subject of a record.

    Raises:
        RecordUnreadable: the record is damaged, or of a newer version.
    """
    try:
        version, *content = msgpack.unpackb(record)
        if version not in (1, VERSION):
            raise _newer(version)
        subject_id, galleries, encounters = content
        return Subject(subject_id, tuple(galleries), tuple(_encounter_from_wire(e) for e in encounters))
    except RecordUnreadable:
        raise
    except _DAMAGED as error:
        raise _unreadable("is damaged") from error


def _encounter_to_wire(encounter: Encounter, version: int) -> list[Any]:
    times = [_micros(each) for each in (encounter.update_time, encounter.expire_time)]
    return [
        encounter.encounter_id,
        _micros(encounter.create_time),
        encounter.state.value,
        [_reference_to_wire(reference) for reference in encounter.references],
        [[m.modality.value, m.position.value, m.reason.value] for m in encounter.missing],
        *(times if version > 1 else ()),
    ]


def _micros(time: datetime | None) -> int | None:
    return None if time is None else (time - EPOCH) // MICROSECOND


def _moment(time: int | None) -> datetime | None:
    return None if time is None else EPOCH + time * MICROSECOND


def _reference_to_wire(reference: Reference) -> list[Any]:
    template = reference.template
    wire = [reference.position.value, template.modality.value, template.model_id, template.data, reference.quality]
    return [*wire, True] if reference.quality_is_claimed else wire


def _encounter_from_wire(wire: list[Any]) -> Encounter:
    encounter_id, create_time, state, references, missing, *times = wire
    update_time, expire_time = times or (None, None)
    return Encounter(
        encounter_id=encounter_id,
        create_time=EPOCH + create_time * MICROSECOND,
        references=tuple(
            Reference(Position(position), Template(Modality(modality), model_id, data), quality, *claimed)
            for position, modality, model_id, data, quality, *claimed in references
        ),
        missing=tuple(Missing(Modality(m), Position(p), MissingReason(r)) for m, p, r in missing),
        state=EncounterState(state),
        update_time=_moment(update_time),
        expire_time=_moment(expire_time),
    )


def _newer(version: object) -> RecordUnreadable:
    return _unreadable(f"has version {version}, and this program reads {VERSION}")


def _unreadable(what: str) -> RecordUnreadable:
    return RecordUnreadable(f"A subject's record {what}. Use the program that wrote it, or an undamaged copy.")
