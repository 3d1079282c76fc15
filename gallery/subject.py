"""Enrolled subjects: a subject has encounters, an encounter has references and missing positions."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from biometrics.errors import FieldInvalid
from biometrics.template import MissingReason, Modality, Position, Template, check_position

ID_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
DEFAULT_GALLERY = "default"


def check_id(value: str, field_name: str) -> str:
    """Return the id if it is 1–128 of `A-Z a-z 0-9 . _ : -`, beginning with a letter or digit.

    Raises:
        FieldInvalid: the id has another form; the error names `field_name`.
    """
    if not ID_PATTERN.fullmatch(value):
        raise FieldInvalid(field_name, "1–128 characters A–Z a–z 0–9 . _ : - are needed, the first a letter or digit.")
    return value


class EncounterState(StrEnum):
    """Whether an encounter's references are searched."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


@dataclass(frozen=True, slots=True)
class Reference:
    """A template stored for a subject.

    Args:
        position: which instance of the characteristic it is of.
        template: the packed features; templates of the sample by other models are not kept.
        quality: quality, 0–100, of the sample it was made from; None if unknown.
        quality_is_claimed: True if the quality was stated by the caller for a template, not measured.
    """

    position: Position
    template: Template
    quality: float | None
    quality_is_claimed: bool = False

    def __post_init__(self) -> None:
        check_position(self.template.modality, self.position)
        if self.template.others:
            object.__setattr__(self, "template", self.template.alone)

    @property
    def modality(self) -> Modality:
        """The template's modality."""
        return self.template.modality


@dataclass(frozen=True, slots=True)
class Missing:
    """A position that has no sample, and why."""

    modality: Modality
    position: Position
    reason: MissingReason


@dataclass(frozen=True, slots=True)
class Encounter:
    """One occasion on which samples of a subject were enrolled.

    Args:
        encounter_id: its id, unique within the subject.
        create_time: when it was enrolled. All times have a time zone, and are kept in UTC, to the µs.
        references: its templates.
        missing: positions that have no sample.
        state: whether its references are searched.
        update_time: when its references were last replaced; None: never.
        expire_time: when it may be deleted (retention); None: never.
    """

    encounter_id: str
    create_time: datetime
    references: tuple[Reference, ...]
    missing: tuple[Missing, ...] = ()
    state: EncounterState = EncounterState.ACTIVE
    update_time: datetime | None = None
    expire_time: datetime | None = None

    def __post_init__(self) -> None:
        check_id(self.encounter_id, "encounter_id")

    @property
    def summary(self) -> EncounterSummary:
        """The encounter without references and missing positions."""
        return EncounterSummary(self.encounter_id, self.create_time, self.state, self.update_time, self.expire_time)


@dataclass(frozen=True, slots=True)
class EncounterSummary:
    """An encounter without its references and missing positions; fields as in `Encounter`."""

    encounter_id: str
    create_time: datetime
    state: EncounterState
    update_time: datetime | None = None
    expire_time: datetime | None = None

    def __post_init__(self) -> None:
        check_id(self.encounter_id, "encounter_id")


@dataclass(frozen=True, slots=True)
class SubjectSummary:
    """A subject without references and missing positions; fields as in `Subject`."""

    subject_id: str
    galleries: tuple[str, ...]
    encounters: tuple[EncounterSummary, ...]

    def __post_init__(self) -> None:
        check_id(self.subject_id, "subject_id")


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, known by an opaque id; no name and no demographics are kept.

    Args:
        subject_id: the opaque id.
        galleries: the galleries that the subject is in, sorted, at least one.
        encounters: oldest first.
    """

    subject_id: str
    galleries: tuple[str, ...]
    encounters: tuple[Encounter, ...] = field(repr=False)

    def __post_init__(self) -> None:
        check_id(self.subject_id, "subject_id")
        for gallery in self.galleries:
            check_id(gallery, "galleries")

    @property
    def active_references(self) -> tuple[Reference, ...]:
        """All references of ACTIVE encounters, oldest encounter first."""
        return tuple([each for e in self.encounters if e.state is EncounterState.ACTIVE for each in e.references])

    @property
    def summary(self) -> SubjectSummary:
        """The subject without references and missing positions."""
        return SubjectSummary(self.subject_id, self.galleries, tuple([each.summary for each in self.encounters]))

    def with_encounter(self, encounter: Encounter, galleries: tuple[str, ...]) -> Subject:
        """The subject with one more encounter, added to these galleries."""
        return replace(
            self,
            galleries=tuple(sorted({*self.galleries, *galleries})),
            encounters=(*self.encounters, encounter),
        )
