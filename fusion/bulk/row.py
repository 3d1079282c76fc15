"""One row of a manifest: an encounter of a subject, whose samples are in files beside the manifest or in the row."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from biometrics.errors import FieldInvalid
from biometrics.template import MissingReason, Modality, Position, Template, check_position
from formats.contents import RecordFormat
from fusion.bulk.fields import Fields, choice, known_only, number, objects, text, texts, time
from fusion.requests.limits import MAX_MISSING, MAX_SAMPLES, require_few
from gallery.store.limits import MAX_GALLERIES
from gallery.subject import EncounterState, Missing, check_id

ROW_FIELDS = frozenset({"subject_id", "encounter_id", "galleries", "expire_time", "state", "samples", "missing"})
SAMPLE_FIELDS = frozenset(
    {"modality", "position", "image", "resolution_dpi", "record", "format", "template", "model_id", "quality"}
)
MISSING_FIELDS = frozenset({"modality", "position", "reason"})
SOURCES = ("image", "record", "template")


@dataclass(frozen=True, slots=True)
class RowSample:
    """A sample of a row, not read yet.

    Args:
        modality: None if a record says it.
        position: UNKNOWN if it is not stated.
        path: of an image or a record, as the row names it; "" for a template.
        is_record: whether the file is a record.
        format: of the record; None: found by its first bytes.
        resolution_dpi: of an image, if stated.
        template: of the row itself.
        quality: 0–100, that the row claims for the template.
    """

    modality: Modality | None
    position: Position
    path: str = ""
    is_record: bool = False
    format: RecordFormat | None = None
    resolution_dpi: float | None = None
    template: Template | None = field(default=None, repr=False)
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One row.

    Args:
        subject_id: whose encounter it is.
        encounter_id: "" to make one from the content.
        galleries: none: the job's.
        expire_time: from when on it is deleted; None: never.
        samples: 1–64.
        missing: positions without a sample.
        state: INACTIVE: the encounter is stored, and nobody is compared with it.
    """

    subject_id: str
    encounter_id: str
    galleries: tuple[str, ...]
    expire_time: datetime | None
    samples: tuple[RowSample, ...] = field(repr=False)
    missing: tuple[Missing, ...] = ()
    state: EncounterState = EncounterState.ACTIVE

    @property
    def templates(self) -> tuple[Template, ...]:
        """The templates of a row whose samples are all templates; none of another one."""
        found = tuple([each.template for each in self.samples if each.template is not None])
        return found if len(found) == len(self.samples) else ()

    @classmethod
    def parse(cls, line: bytes) -> Self:
        """Read a row of JSON.

        Raises:
            InvalidInput: it is no JSON object, or a field is wrong; the message names it.
        """
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            raise FieldInvalid("row", "a JSON object in UTF-8 is needed, on one line.") from None
        if not isinstance(fields, dict):
            raise FieldInvalid("row", "a JSON object is needed.")
        known_only(fields, ROW_FIELDS)
        samples, missing, galleries = objects(fields, "samples"), objects(fields, "missing"), texts(fields, "galleries")
        if not 1 <= len(samples) <= MAX_SAMPLES:
            raise FieldInvalid("samples", f"1 to {MAX_SAMPLES} samples are needed, {len(samples)} are in the row.")
        require_few("missing", missing, MAX_MISSING)
        require_few("galleries", galleries, MAX_GALLERIES)
        encounter_id = text(fields, "encounter_id")
        return cls(
            check_id(text(fields, "subject_id", is_needed=True), "subject_id"),
            check_id(encounter_id, "encounter_id") if encounter_id else "",
            tuple(check_id(each, "galleries") for each in galleries),
            time(fields, "expire_time"),
            tuple(_sample(each, f"samples[{number}].") for number, each in enumerate(samples)),
            tuple(_missing(each, f"missing[{number}].") for number, each in enumerate(missing)),
            choice(fields, "state", EncounterState) or EncounterState.ACTIVE,
        )


def _sample(fields: Fields, where: str) -> RowSample:
    known_only(fields, SAMPLE_FIELDS, where)
    stated = [name for name in SOURCES if name in fields]
    if len(stated) != 1:
        raise FieldInvalid(where.rstrip("."), f"one of {', '.join(SOURCES)} is needed.")
    modality = choice(fields, "modality", Modality, where, is_needed=stated != ["record"])
    position = choice(fields, "position", Position, where) or Position.UNKNOWN
    if modality is not None:
        position = check_position(modality, position)
    if stated == ["template"]:
        assert modality is not None
        template = Template(modality, text(fields, "model_id", where, is_needed=True), _bytes(fields, where))
        return RowSample(modality, position, template=template, quality=number(fields, "quality", where))
    return RowSample(
        modality,
        position,
        text(fields, stated[0], where, is_needed=True),
        stated == ["record"],
        choice(fields, "format", RecordFormat, where),
        number(fields, "resolution_dpi", where),
    )


def _missing(fields: Fields, where: str) -> Missing:
    known_only(fields, MISSING_FIELDS, where)
    modality = choice(fields, "modality", Modality, where, is_needed=True)
    reason = choice(fields, "reason", MissingReason, where, is_needed=True)
    assert modality is not None
    assert reason is not None
    return Missing(
        modality, check_position(modality, choice(fields, "position", Position, where) or Position.UNKNOWN), reason
    )


def _bytes(fields: Fields, where: str) -> bytes:
    try:
        return b64decode(text(fields, "template", where, is_needed=True), validate=True)
    except (NotBase64, ValueError):
        raise FieldInvalid(f"{where}template", "base64 is needed.") from None
