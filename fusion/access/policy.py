"""A policy as a value: purposes, the evidence that galleries need, and rules, of which the first that applies holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from fusion.access.names import EVERYTHING, any_matches, matches
from fusion.access.needs import Needs
from fusion.access.operations import Operation
from infra.identity.intent import Intent


class Detail(IntEnum):
    """How much of a decision an answer tells; a higher one tells less."""

    FULL = 0
    """Everything."""
    COARSE = 1
    """No raw scores; LLRs in steps of 0.5; error rates as powers of ten."""
    OUTCOME = 2
    """Outcome and reasons; of samples, whether they could be used."""


class Per(Enum):
    """Whose uses a quota counts. Always those of one caller, under one rule."""

    CALLER = "caller"
    """All of the caller's."""
    SUBJECT = "subject"
    """Those that concern one subject."""
    OFFICER = "officer"
    """Those that state one officer."""


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many uses in any window of time.

    Args:
        count: uses, 1 or more.
        window_s: length of the window, seconds.
        per: whose uses are counted together.
        only_misses: only decisions other than MATCH count.
    """

    count: int
    window_s: float
    per: Per = Per.CALLER
    only_misses: bool = False

    def __str__(self) -> str:
        what = "decisions other than MATCH" if self.only_misses else "calls"
        about = {Per.CALLER: "of a caller", Per.SUBJECT: "of a caller about one subject", Per.OFFICER: "of one officer"}
        return f"{self.count} {what} {about[self.per]} in {self.window_s:g} s"


@dataclass(frozen=True, slots=True)
class Rule:
    """What some callers may do.

    Args:
        name: unique in the policy.
        callers: names and patterns.
        operations: that are allowed.
        galleries: names and patterns; `*` also allows calls about all galleries.
        purposes: one of them must be stated; `*`: none need be.
        require_case: a case reference must be stated.
        require_officer: the acting officer's pseudonym must be stated.
        detail: how much answers tell.
        quotas: all of them hold.
    """

    name: str
    callers: tuple[str, ...]
    operations: frozenset[Operation]
    galleries: tuple[str, ...]
    purposes: frozenset[str]
    require_case: bool = False
    require_officer: bool = False
    detail: Detail = Detail.FULL
    quotas: tuple[Quota, ...] = ()

    def has_gallery(self, gallery: str) -> bool:
        """Whether the rule is about this gallery; `*`: about all."""
        return any_matches(self.galleries, gallery)

    def has_purpose(self, intent: Intent) -> bool:
        """Whether the rule is for the purpose that is stated, or for calls that state none."""
        return EVERYTHING in self.purposes or intent.purpose in self.purposes


@dataclass(frozen=True, slots=True)
class Policy:
    """What is allowed; everything else is not.

    Args:
        version: as the file states it.
        digest: 12 hex digits of the SHA-256 of the file.
        purposes: all that callers may state.
        needs: the least evidence: name or pattern of galleries, verify or identify, and what is needed.
        rules: the first that applies holds.
        groups: the names and patterns of each group of callers.
    """

    version: str
    digest: str
    purposes: frozenset[str]
    needs: tuple[tuple[str, Operation, Needs], ...]
    rules: tuple[Rule, ...]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Version and digest, as records and errors name the policy."""
        return f"{self.version}@{self.digest}"

    def needed(self, gallery: str, operation: Operation) -> tuple[Needs, ...]:
        """The evidence that the operation needs in this gallery; in `*`: what any gallery asks for."""
        asked = (each for each in self.needs if each[1] is operation)
        return tuple(
            dict.fromkeys(needs for name, _, needs in asked if gallery == EVERYTHING or matches(name, gallery))
        )
