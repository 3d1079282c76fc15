"""What the pages of operators show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Gallery:
    """A gallery, and its other names."""

    name: str
    subjects: int
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A long-running job.

    Args:
        done, total: rows; the total may still grow unless it is final.
        rate: rows per second, of the last minute.
    """

    id: str
    kind: str
    state: str
    created: datetime | None
    ended: datetime | None
    done: int
    refused: int
    repeated: int
    total: int
    is_final: bool
    rate: float
    detail: str

    @property
    def finished(self) -> int:
        """Rows that have an outcome."""
        return self.done + self.refused + self.repeated

    @property
    def percent(self) -> int | None:
        """Share of the rows that have an outcome; None while they are not counted."""
        return 100 * self.finished // self.total if self.is_final and self.total else None


@dataclass(frozen=True, slots=True)
class Reached:
    """The best that a combination of samples can reach."""

    faces: int
    fingers: int
    irises: int
    max_llr: float
    lowest_fmr: float
    largest_gallery: int


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A comparator's calibration."""

    comparator: str
    model: str
    source: str
    people: int
    non_mated: int
    max_llr: float
    lowest_fmr: float


@dataclass(frozen=True, slots=True)
class Model:
    """How scores become decisions."""

    id: str
    fmr: float
    fpir: float
    review_band_llr: float
    prior: float
    calibrations: tuple[Calibrated, ...]
    reaches: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """What a matching service runs; `fault` says why it cannot tell, and the rest is empty then."""

    name: str
    fault: str = ""
    version: str = ""
    model: str = ""
    comparator: str = ""
    models: tuple[str, ...] = ()
    subjects: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Tried:
    """The answer to a trial.

    Args:
        outcome: MATCH, NO_MATCH or REVIEW; ENROLLED.
        candidates: subject, outcome and log10 likelihood ratio, best first.
    """

    outcome: str
    reasons: tuple[str, ...]
    candidates: tuple[tuple[str, str, float], ...]
    searched: int
