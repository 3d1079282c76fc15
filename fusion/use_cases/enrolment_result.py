"""What an enrolment did, would do, or had done before."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import DuplicateFound
from fusion.duplicates.found import Duplicates
from fusion.duplicates.policy import OnDuplicate
from fusion.samples.probes import Probe
from fusion.use_cases.enrolment_request import EnrolmentRequest
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from gallery.subject import EncounterState, Missing


@dataclass(frozen=True, slots=True)
class EnrolmentResult:
    """Result of an enrolment.

    Args:
        encounter_id: id of the stored encounter.
        token: consistency token of the write.
        probes: in the order of the samples; none if the request was a repetition.
        replayed: whether the request was a repetition, so that nothing was written.
        state: of the encounter; None if it has been deleted since.
        checks: the search for duplicates, one for each gallery; none if it was not asked for, or for a repetition.
        missing: positions without a sample that were stored; none for a repetition.
    """

    encounter_id: str
    token: ConsistencyToken
    probes: tuple[Probe, ...]
    replayed: bool
    state: EncounterState | None = EncounterState.ACTIVE
    checks: tuple[Duplicates, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def size(self) -> int:
        """Number of facts in the answer: a measure of the work to convert it."""
        return len(self.probes) + sum(each.size for each in self.checks)


@dataclass(frozen=True, slots=True)
class Trial:
    """What an enrolment would do.

    Args:
        probes: in the order of the samples.
        state: that the encounter would have.
        checks: the search for duplicates, one for each gallery; none if it was not asked for.
        missing: positions without a sample that would be stored.
    """

    probes: tuple[Probe, ...]
    state: EncounterState = EncounterState.ACTIVE
    checks: tuple[Duplicates, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def size(self) -> int:
        """Number of facts in the answer: a measure of the work to convert it."""
        return len(self.probes) + sum(each.size for each in self.checks)


async def repeated(request: EnrolmentRequest, done: ConsistencyToken, store: SubjectStore) -> EnrolmentResult:
    """The answer to a request that was carried out before.

    Raises:
        DuplicateFound: duplicates were to be refused, and the encounter is not there: it was taken back.
    """
    encounter_id = request.stored_encounter_id
    subject = (await store.get_many([request.subject_id])).get(request.subject_id)
    states = {each.encounter_id: each.state for each in subject.encounters} if subject else {}
    if request.on_duplicate is OnDuplicate.REFUSE and encounter_id not in states:
        raise DuplicateFound(
            "This request was carried out before, and its encounter is not enrolled: it was taken back, as somebody "
            "who was enrolled at the same time may be the same person, or it was deleted since.",
            subject_id=request.subject_id,
        )
    return EnrolmentResult(encounter_id, done, (), replayed=True, state=states.get(encounter_id))
