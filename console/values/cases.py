"""Review cases as the pages show them. What is held back from a person is not in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from console.values.samples import Sample, Tab

VERDICTS = ("SAME", "DIFFERENT", "CANNOT_TELL")
REASONS = (
    "DETAILS_AGREE",
    "DETAILS_DISAGREE",
    "POOR_QUALITY",
    "TOO_FEW_DETAILS",
    "POSITIONS_CONFUSED",
    "WRONG_SAMPLE",
    "NO_PICTURE",
    "OTHER",
)
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a case."""

    reviewer: str
    role: str
    until: datetime | None
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A verdict that was given."""

    reviewer: str
    role: str
    verdict: str
    reason: str
    note: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case."""

    at: datetime | None
    state: str
    actor: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was compared of one sample; the numbers are None while they are held back.

    Args:
        modality, position, reference_position: what was compared with what.
        status: whether it was compared, and if not why.
        quality: 0–100; None if not known.
        quality_reasons: what lowers it.
        llr: log10 likelihood ratio of this sample alone.
        contribution: what it adds to the decision's.
        fmr: share of others who score as high, 0–1.
    """

    modality: str
    position: str
    reference_position: str
    status: str
    quality: float | None
    quality_reasons: tuple[str, ...]
    llr: float | None
    contribution: float | None
    fmr: float | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that is reviewed."""

    outcome: str
    llr: float
    match_at: float
    review_at: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One probe and one candidate; in lists, without what stands below `is_blind`.

    Args:
        id: of its name `reviewCases/ID`.
        etag: of the version that was read.
        priority: 0–9; 9 is the most urgent.
        actions: of CLAIM, SUPERVISE and DECIDE, those that the person can do now.
        is_blind: scores and verdicts of others are held back.
    """

    id: str
    state: str
    etag: str
    priority: int
    created: datetime | None
    updated: datetime | None
    due: datetime | None
    expires: datetime | None
    sealed_until: datetime | None
    gallery: str
    subject_id: str
    caller_reference: str
    opened_by: str
    held: Held | None
    actions: frozenset[str]
    resolution: str
    is_blind: bool
    samples: tuple[Sample, ...] = ()
    findings: tuple[Finding, ...] = ()
    decided: Decided | None = None
    rank: int | None = None
    posterior: float | None = None
    verdicts: tuple[Given, ...] = ()
    history: tuple[Event, ...] = ()
    tabs: tuple[Tab, ...] = field(default=())

    @property
    def name(self) -> str:
        """As the service names it."""
        return f"reviewCases/{self.id}"

    @property
    def is_mine(self) -> bool:
        """Whether the asking person has claimed it."""
        return self.held is not None and self.held.is_mine

    def sample(self, side: str, index: int) -> Sample | None:
        """A sample by its place."""
        return next((each for each in self.samples if (each.side, each.index) == (side, index)), None)
