"""A review case as a value. Times are seconds since 1970; 0 stands for none."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from review.states import ReviewState

NAME_PREFIX = "reviewCases/"


class Role(StrEnum):
    """A person's role in a case."""

    REVIEWER = "REVIEWER"
    SUPERVISOR = "SUPERVISOR"


class Verdict(StrEnum):
    """What a person says."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    CANNOT_TELL = "CANNOT_TELL"


class VerdictReason(StrEnum):
    """Why a person says so; see the contract."""

    DETAILS_AGREE = "DETAILS_AGREE"
    DETAILS_DISAGREE = "DETAILS_DISAGREE"
    POOR_QUALITY = "POOR_QUALITY"
    TOO_FEW_DETAILS = "TOO_FEW_DETAILS"
    POSITIONS_CONFUSED = "POSITIONS_CONFUSED"
    WRONG_SAMPLE = "WRONG_SAMPLE"
    NO_PICTURE = "NO_PICTURE"
    OTHER = "OTHER"


class CallbackState(StrEnum):
    """How far a callback is."""

    NONE = "NONE"
    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has a case, in which role, and until when."""

    reviewer: str
    role: Role
    end_time: float


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """A verdict that was given; the note is what a person wrote, up to 2,000 characters."""

    reviewer: str
    role: Role
    verdict: Verdict
    reason: VerdictReason
    note: str
    time: float


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: the state from then on, and who did it; "" if it happened by itself."""

    time: float
    state: ReviewState
    actor: str


@dataclass(frozen=True, slots=True)
class Callback:
    """Whom to tell of the end.

    Args:
        url: where; "" for nobody.
        state: how far it is; PENDING from the end of the case on.
        attempts: how often it was tried.
        next_time: when it is tried again.
        first_time: when it was tried first.
    """

    url: str = ""
    state: CallbackState = CallbackState.NONE
    attempts: int = 0
    next_time: float = 0.0
    first_time: float = 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it was when it was read.

    Args:
        id: a UUID, derived from the request that opened it.
        state: how far it is.
        revision: rises with every change but the renewal of a lease; the etag.
        priority: 0 to 9; 9 is the most urgent.
        create_time: when it was opened.
        update_time: when `revision` rose last.
        due_time: by when it should be decided.
        expire_time: when it expires.
        subject_id: the candidate; "" after its erasure.
        subject_name: 32 hexadecimal digits that stand for it in the store; "" after its erasure.
        probe_subject_id: the enrolled subject that was searched with; "" if there is none, or after its erasure.
        probe_subject_name: its name in the store, likewise.
        gallery: as stated.
        caller_reference: the caller's own.
        opened_by: name of the program that opened it.
        digest: of the request that opened it.
        claim: who has it.
        verdicts: in the order in which they were given.
        resolution: the result of a CLOSED case.
        history: what happened, oldest first.
        key: where the key of what is sealed with it is (KeyRef.packed, in hexadecimal digits); "" if there is none.
        sealed_expire_time: when that key is destroyed.
        callback: whom to tell of the end.
        version: of its document.
    """

    id: str
    state: ReviewState
    revision: int
    priority: int
    create_time: float
    update_time: float
    due_time: float
    expire_time: float
    subject_id: str
    subject_name: str
    probe_subject_id: str = ""
    probe_subject_name: str = ""
    gallery: str = ""
    caller_reference: str = ""
    opened_by: str = ""
    digest: str = ""
    claim: Claim | None = None
    verdicts: tuple[GivenVerdict, ...] = ()
    resolution: Verdict | None = None
    history: tuple[Event, ...] = ()
    key: str = ""
    sealed_expire_time: float = 0.0
    callback: Callback = field(default_factory=Callback)
    version: int = 0

    @property
    def name(self) -> str:
        """Its name on the wire."""
        return NAME_PREFIX + self.id

    @property
    def etag(self) -> str:
        """What a verdict must carry."""
        return str(self.revision)

    @property
    def subject_names(self) -> tuple[str, ...]:
        """The names of the subjects that it is about."""
        return tuple(each for each in (self.subject_name, self.probe_subject_name) if each)

    def has_role(self, person: str) -> bool:
        """Whether this person has given a verdict in the case, or has claimed it."""
        return any(each.reviewer == person for each in self.verdicts) or self.is_held_by(person)

    def is_held_by(self, person: str) -> bool:
        """Whether this person has claimed it."""
        return self.claim is not None and self.claim.reviewer == person
