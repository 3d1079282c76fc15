"""Use case "export": the fingerprint templates of an encounter as records of a standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from biometrics.errors import FieldInvalid, PreconditionFailed
from biometrics.template import Modality, Position
from formats.blocks import CARDS, MINUTIAE
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import MinutiaeContent, RecordFormat
from formats.nist.write import Transaction
from formats.nist.write import write as write_nist
from formats.read import read
from fusion.matching.finger_port import Exported, finger_matcher
from fusion.samples.probes import Matchers
from gallery.store.port import SubjectStore
from gallery.store.rules import encounter_named, encounter_not_found
from gallery.subject import Encounter, EncounterState, Reference, Subject, check_id

INSIDE = RecordFormat.ISO_19794_2_2011
"""Format of the records that are written into CBEFF and ANSI/NIST files."""
NOTHING = "NOTHING_TO_EXPORT"
FORMATS = (*MINUTIAE, RecordFormat.CBEFF_XML, RecordFormat.ANSI_NIST)


def check_written(record_format: RecordFormat) -> None:
    """Nothing, if templates are written in this format.

    Raises:
        FieldInvalid: they are not.
    """
    if record_format not in FORMATS:
        raise FieldInvalid("format", f"nothing is written as {record_format}. Use one of: {', '.join(FORMATS)}.")


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What is to be exported.

    Args:
        subject_id: the subject.
        encounter_id: its encounter; "": the newest ACTIVE one.
        format: a format of finger minutiae, CBEFF_XML or ANSI_NIST.
        positions: only these; none means all.
        most: most minutiae of a finger, 1–255; None: 60 for a card, all for the others.

    Raises:
        FieldInvalid: an id has the wrong form, or nothing is written in the format.
    """

    subject_id: str
    encounter_id: str
    format: RecordFormat
    positions: tuple[Position, ...] = ()
    most: int | None = None

    def __post_init__(self) -> None:
        check_id(self.subject_id, "subject_id")
        if self.encounter_id:
            check_id(self.encounter_id, "encounter_id")
        check_written(self.format)


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """A record, and its finger if it is of a single one."""

    data: bytes
    format: RecordFormat
    position: Position | None = None


async def export_encounter(
    request: ExportRequest, matchers: Matchers, store: SubjectStore, timeout_s: float
) -> list[WrittenRecord]:
    """Write the templates of an encounter: one record with all fingers, for a card one for each.

    Raises:
        SubjectNotFound, EncounterNotFound: there is no such encounter.
        PreconditionFailed: NOTHING_TO_EXPORT, it has no fingerprint template of these positions.
        ServiceUnavailable: the fingerprint service does not answer.
    """
    encounter = chosen(await store.get(request.subject_id), request.encounter_id)
    fingers = fingers_of(encounter, request.positions)
    if not fingers:
        raise PreconditionFailed(
            f"Encounter {encounter.encounter_id} has no fingerprint template to export; no standard has a format for "
            "the templates of faces and irises.",
            reason=NOTHING,
        )
    return await records_of(encounter, fingers, request.format, matchers, timeout_s, request.most)


async def records_of(
    encounter: Encounter,
    fingers: Sequence[Reference],
    wanted: RecordFormat,
    matchers: Matchers,
    timeout_s: float,
    most: int | None = None,
) -> list[WrittenRecord]:
    """Write fingerprint templates of an encounter, at least one, as `export_encounter` does.

    Raises:
        ServiceUnavailable: the fingerprint service does not answer.
    """
    exported = [_exported(each) for each in fingers]

    async def written(templates: Sequence[Exported], record_format: RecordFormat) -> bytes:
        return await finger_matcher(matchers).export(templates, record_format, most, timeout_s)

    if wanted in CARDS:
        cards = [(await written([each], wanted), each.position) for each in exported]
        return [WrittenRecord(data, wanted, position) for data, position in cards]
    if wanted in MINUTIAE:
        return [WrittenRecord(await written(exported, wanted), wanted)]
    inside = [(each, await written([each], INSIDE)) for each in exported]
    return [WrittenRecord(_contained(wanted, inside, encounter), wanted)]


def chosen(subject: Subject, encounter_id: str) -> Encounter:
    """An encounter by its id, whatever its state; the newest ACTIVE one if the id is "".

    Raises:
        EncounterNotFound: there is none.
    """
    if encounter_id:
        return encounter_named(subject, encounter_id)
    for each in reversed(subject.encounters):
        if each.state is EncounterState.ACTIVE:
            return each
    raise encounter_not_found(subject.subject_id, "")


def _contained(record_format: RecordFormat, inside: Sequence[tuple[Exported, bytes]], encounter: Encounter) -> bytes:
    if record_format is RecordFormat.CBEFF_XML:
        blocks = [DataBlock(data, each.position, each.quality) for each, data in inside]
        return write_cbeff(
            blocks, [(each.modality, each.position) for each in encounter.missing], encounter.create_time
        )
    minutiae = [each for _, data in inside for each in read(data).samples if isinstance(each, MinutiaeContent)]
    return write_nist(_transaction(), minutiae)


def _transaction() -> Transaction:
    now = datetime.now(UTC)
    return Transaction("EXPORT", now.date(), "UNKNOWN", "BIOFUSION", f"{now:%Y%m%d%H%M%S%f}")


def fingers_of(encounter: Encounter, positions: Sequence[Position] = ()) -> list[Reference]:
    """The fingerprint references of an encounter: those of some positions; none means all."""
    fingers = [each for each in encounter.references if each.modality is Modality.FINGERPRINT]
    return [each for each in fingers if not positions or each.position in positions]


def _exported(reference: Reference) -> Exported:
    return Exported(reference.template, reference.position, reference.quality)
