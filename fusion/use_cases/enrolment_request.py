"""The request to enrol one encounter: its checks, and the digest that recognises a repetition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from biometrics.sample import Sample
from fusion.decision.decision import MOST_FPIR, check_rate
from fusion.duplicates.policy import OnDuplicate
from fusion.requests.absent import require_absent
from fusion.requests.limits import require_few
from fusion.requests.sample_bytes import sample_bytes
from gallery.store.limits import MAX_GALLERIES
from gallery.subject import EncounterState, Missing, check_id
from infra.requests.idempotence import check_request_id, digest_of


@dataclass(frozen=True, slots=True)
class EnrolmentRequest:
    """One encounter to be enrolled.

    Args:
        request_id: UUID version 4; repetitions of one request share it.
        subject_id: the subject of the encounter.
        galleries: up to 64 galleries to add the subject to; none means "default" for a new subject.
        encounter_id: "" to make one from the request id.
        samples: 1–64.
        missing: positions without a sample.
        add_encounter: False: the subject must be new; True: it must exist.
        on_duplicate: whether others who may be the same person are searched for, and what is done if there are any.
        duplicate_fpir: false positive identification rate of that search; None means the default.
        expire_time: from when on the encounter may be deleted; None: never.
        skip_unusable: leave out samples that cannot be used, as long as one is left.
        state: INACTIVE: nobody is compared with the encounter, whatever the search for duplicates finds.

    Raises:
        FieldInvalid: an id has the wrong form, there are more galleries than allowed, a position has a sample and is
            stated as missing, or the rate is out of range.
    """

    request_id: str
    subject_id: str
    galleries: tuple[str, ...]
    encounter_id: str
    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...]
    add_encounter: bool
    on_duplicate: OnDuplicate = OnDuplicate.UNCHECKED
    duplicate_fpir: float | None = None
    expire_time: datetime | None = None
    skip_unusable: bool = False
    state: EncounterState = EncounterState.ACTIVE

    def __post_init__(self) -> None:
        object.__setattr__(self, "request_id", check_request_id(self.request_id))
        check_id(self.subject_id, "subject_id")
        require_few("galleries", self.galleries, MAX_GALLERIES)
        for number, gallery in enumerate(self.galleries):
            check_id(gallery, f"galleries[{number}]")
        if self.encounter_id:
            check_id(self.encounter_id, "encounter_id")
        if self.duplicate_fpir is not None:
            check_rate("duplicate_fpir", self.duplicate_fpir, MOST_FPIR)
        require_absent(self.missing, self.samples)

    @property
    def stored_encounter_id(self) -> str:
        """The encounter's id; made from the request id if the caller gives none."""
        return self.encounter_id or f"encounter-{self.request_id}"

    @property
    def is_checked(self) -> bool:
        """Whether others who may be the same person are searched for."""
        return self.on_duplicate is not OnDuplicate.UNCHECKED

    @property
    def digest(self) -> str:
        """SHA-256, in hex, over everything but the request id."""
        facts = ["enroll", self.subject_id, *self.galleries, "/", self.encounter_id, str(self.add_encounter)]
        facts += [f"{self.on_duplicate}/{self.duplicate_fpir}"] if self.is_checked else []
        facts += [f"expires {self.expire_time.timestamp()}"] if self.expire_time else []
        facts += ["skip unusable"] if self.skip_unusable else []
        facts += [] if self.state is EncounterState.ACTIVE else [str(self.state)]
        facts += [f"{each.modality}/{each.position}/{each.reason}" for each in self.missing]
        return digest_of([*(fact.encode() for fact in facts), *map(sample_bytes, self.samples)])
