"""The parts of a job's work with their progress, and the rows of its results."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

Json = Any
"""Anything that `json` writes: None, booleans, numbers, texts, lists, dicts with texts as keys."""


class ChunkState(Enum):
    """Where a chunk stands: OPEN until its results are written; CUT, if the job was stopped within it."""

    OPEN = "OPEN"
    DONE = "DONE"
    CUT = "CUT"


class RowOutcome(Enum):
    """What became of a row."""

    DONE = "DONE"
    REFUSED = "REFUSED"
    REPEATED = "REPEATED"


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of rows.

    Args:
        done: carried out.
        refused: not carried out, for a reason that stands in the row.
        repeated: carried out before, or equal to another row.
    """

    done: int = 0
    refused: int = 0
    repeated: int = 0

    @property
    def rows(self) -> int:
        """Rows of any outcome."""
        return self.done + self.refused + self.repeated

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.done + other.done, self.refused + other.refused, self.repeated + other.repeated)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who does something, and until when nobody else does; the holder renews it.

    Args:
        owner: random id of the holder; "" if there is none.
        expiry: seconds since 1970.
    """

    owner: str = ""
    expiry: float = 0.0

    def is_free(self, owner: str, now: float) -> bool:
        """Whether this owner may take it."""
        return self.owner in ("", owner) or self.expiry <= now


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the work, as its kind plans it.

    Args:
        place: where it is, e.g. a range of bytes; at most 512 KiB of JSON, better 16. The kind plans on from here after
            a crash.
        rows: number of its rows, as far as it is known; for the progress only.
    """

    place: Json
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part with its progress.

    Args:
        number: from 0 in the order of planning.
        part: what is to be done.
        planned_before: rows of all chunks before it.
        state: where it stands.
        lease: of the worker that does it.
        attempts: how often it was begun.
        losses: how often a worker ended within it and left its lease to expire.
        failures: how often its kind raised an error.
        not_before: when it may be begun again, seconds since 1970.
        counts: of its rows; of an OPEN one, as the last heartbeat told.
        version: of its document.
    """

    number: int
    part: Part
    planned_before: int = 0
    state: ChunkState = ChunkState.OPEN
    lease: Lease = Lease()
    attempts: int = 0
    losses: int = 0
    failures: int = 0
    not_before: float = 0.0
    counts: Counts = Counts()
    version: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one row.

    Args:
        key: names the row within the job, e.g. its number in the manifest; at most 256 characters.
        outcome: what became of it.
        reason: why it was refused, UPPER_SNAKE; "" for other outcomes.
        detail: more about it, at most 512 bytes of JSON; no biometric data, names or demographics.
    """

    key: str
    outcome: RowOutcome
    reason: str = ""
    detail: Json = None
