"""Searching with what is enrolled: the references of an encounter, as probes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from biometrics.errors import EncounterNotFound, PreconditionFailed
from biometrics.quality import Quality
from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.requests.limits import MAX_OF_POSITION, MAX_OF_UNKNOWN, MAX_SAMPLES
from fusion.samples.probes import Probe
from gallery.subject import Encounter, EncounterState, Reference, Subject, check_id


@dataclass(frozen=True, slots=True)
class EnrolledProbe:
    """An enrolled encounter to search with.

    Args:
        subject_id: the subject.
        encounter_id: the encounter; "": the newest ACTIVE one.

    Raises:
        FieldInvalid: an id has the wrong form.
    """

    subject_id: str
    encounter_id: str = ""

    def __post_init__(self) -> None:
        check_id(self.subject_id, "enrolled_probe.subject_id")
        if self.encounter_id:
            check_id(self.encounter_id, "enrolled_probe.encounter_id")

    def encounter_of(self, subject: Subject) -> Encounter:
        """The encounter, as it is in the store.

        Raises:
            EncounterNotFound: the subject has no such encounter, or none that is ACTIVE.
            PreconditionFailed: ENCOUNTER_INACTIVE, it is not ACTIVE, so none of its references is.
        """
        if not self.encounter_id:
            active = [each for each in subject.encounters if each.state is EncounterState.ACTIVE]
            if not active:
                raise self._not_found("has no active encounter")
            return active[-1]
        for each in subject.encounters:
            if each.encounter_id == self.encounter_id:
                return self._active(each)
        raise self._not_found(f"has no encounter {self.encounter_id}")

    def _active(self, encounter: Encounter) -> Encounter:
        if encounter.state is EncounterState.ACTIVE:
            return encounter
        raise PreconditionFailed(
            f"Encounter {self.encounter_id} of subject {self.subject_id} is INACTIVE: its references are not searched "
            "with. Activate it, or send its samples.",
            reason="ENCOUNTER_INACTIVE",
            subject_id=self.subject_id,
            encounter_id=self.encounter_id,
        )

    def _not_found(self, what: str) -> EncounterNotFound:
        return EncounterNotFound(
            f"Subject {self.subject_id} {what}. GetSubject lists its encounters.",
            subject_id=self.subject_id,
            encounter_id=self.encounter_id,
        )


def probes_of(references: Iterable[Reference]) -> list[Probe]:
    """The references as probes, with their qualities, measured or claimed, as stored.

    At most as many as a request may have samples: 64, of one position 10, of one modality without a known position 20.
    """
    counts: Counter[tuple[Modality, Position]] = Counter()
    probes: list[Probe] = []
    for each in references:
        most = MAX_OF_UNKNOWN if each.position is Position.UNKNOWN else MAX_OF_POSITION
        counts[each.modality, each.position] += 1
        if counts[each.modality, each.position] <= most and len(probes) < MAX_SAMPLES:
            probes.append(_probe(each, len(probes)))
    return probes


def _probe(reference: Reference, number: int) -> Probe:
    claimed = reference.quality if reference.quality_is_claimed else None
    measured = None if reference.quality is None or reference.quality_is_claimed else Quality(reference.quality)
    sample = Sample(reference.modality, reference.position, reference.template, claimed)
    return Probe(sample, reference.template, measured, number=number)
