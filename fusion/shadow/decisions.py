"""What two systems decided about the same samples."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from biometrics.errors import FieldInvalid
from fusion.decision.decision import Decision, Outcome
from gallery.subject import check_id

SYSTEM = re.compile(r"[A-Za-z0-9._:-]{1,64}")


class Operation(StrEnum):
    """What was decided: whether it is this person, or who it is."""

    VERIFY = "VERIFY"
    IDENTIFY = "IDENTIFY"


@dataclass(frozen=True, slots=True)
class OtherDecision:
    """What another system decided.

    Args:
        system: which system or version, 1–64 characters.
        outcome: its outcome.
        subject_id: its best candidate, by the id that the subject has here; "" if it has none.

    Raises:
        FieldInvalid: the system or the subject id has the wrong form.
    """

    system: str
    outcome: Outcome
    subject_id: str = ""

    def __post_init__(self) -> None:
        if not SYSTEM.fullmatch(self.system):
            raise FieldInvalid("other_decision.system", "1–64 characters A–Z a–z 0–9 . _ : - are needed.")
        if self.subject_id:
            check_id(self.subject_id, "other_decision.subject_id")


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Two outcomes that came together.

    Args:
        system: the other system.
        operation: what was decided.
        other: its outcome.
        own: the outcome here.
        same_subject: both name the same subject, or none.
    """

    system: str
    operation: Operation
    other: Outcome
    own: Outcome
    same_subject: bool

    @property
    def agrees(self) -> bool:
        """Whether both decided the same."""
        return self.other is self.own and self.same_subject


@dataclass(frozen=True, slots=True)
class Beside:
    """One decision of each system.

    Args:
        other: that of the other system.
        operation: what was decided.
        gallery: that was searched; "" for a verification.
        own: the decision here.
        own_subject_id: the best candidate here; "" if there is none.
        request_id: of the call.
    """

    other: OtherDecision
    operation: Operation
    gallery: str
    own: Decision
    own_subject_id: str
    request_id: str

    @classmethod
    def of_verification(cls, other: OtherDecision, own: Decision, subject_id: str, request_id: str) -> Beside:
        """A verification: both decide about the claimed subject, whom the other system need not name."""
        if not other.subject_id and other.outcome is not Outcome.NO_MATCH:
            other = OtherDecision(other.system, other.outcome, subject_id)
        named = "" if own.outcome is Outcome.NO_MATCH else subject_id
        return cls(other, Operation.VERIFY, "", own, named, request_id)

    @property
    def pair(self) -> Pair:
        """What is counted."""
        same = self.other.subject_id == self.own_subject_id
        return Pair(self.other.system, self.operation, self.other.outcome, self.own.outcome, same)
