"""Results of rows as jobs keep them: number, message and candidates are in the detail, within its limit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biometrics.errors import (
    AlreadyExists,
    BiofusionError,
    EncounterNotFound,
    GalleryNotFound,
    InvalidInput,
    PreconditionFailed,
    RecordUnreadable,
    SubjectNotFound,
)
from fusion.duplicates.found import Duplicates
from fusion.jobs.job_rows import JobRows
from fusion.jobs.parts import Row, RowOutcome
from fusion.jobs.values import Job

REFUSALS = (
    InvalidInput,
    PreconditionFailed,
    SubjectNotFound,
    EncounterNotFound,
    GalleryNotFound,
    AlreadyExists,
    RecordUnreadable,
)
"""Errors of a single row; any other is of the job, and is raised."""

MAX_DETAIL_BYTES = 500
MAX_MESSAGE = 160
RESULTS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Named:
    """A subject that a row names beside its own: its id, the outcome, and the log10 LR, None if unknown."""

    subject_id: str
    outcome: str
    llr: float | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """What is kept of a row beside its key, outcome and reason.

    Args:
        number: of the row in its source, from 1.
        message: a sentence; "" if there is nothing to say.
        candidates: best first; cut to those that there is room for.
    """

    number: int
    message: str = ""
    candidates: tuple[Named, ...] = ()

    @property
    def json(self) -> Mapping[str, Any]:
        """As it is kept: at most 500 bytes."""
        kept: dict[str, Any] = {"n": self.number}
        if self.message:
            kept["m"] = plain(self.message, MAX_MESSAGE)
        if self.candidates:
            kept["c"] = [[each.subject_id, each.outcome, each.llr] for each in self.candidates]
            while len(json.dumps(kept, ensure_ascii=False).encode()) > MAX_DETAIL_BYTES:
                kept["c"].pop()
        return kept

    @classmethod
    def of(cls, row: Row) -> Detail:
        """The detail of a row that is kept."""
        kept = row.detail or {}
        candidates = tuple(Named(*each) for each in kept.get("c", ()))
        return cls(kept.get("n", 0), kept.get("m", ""), candidates)


def plain(text: str, most: int) -> str:
    """At most so many bytes of a text, in which "?" stands for what is not printable, e.g. undecodable file names."""
    shown = "".join(each if each.isprintable() else "?" for each in text[:most])
    return shown.encode()[:most].decode(errors="ignore")


def done(number: int, key: str, message: str = "", candidates: Sequence[Named] = ()) -> Row:
    """A row that was carried out."""
    return Row(key, RowOutcome.DONE, detail=Detail(number, message, tuple(candidates)).json)


def repeated(number: int, key: str, message: str = "") -> Row:
    """A row that had been carried out before."""
    return Row(key, RowOutcome.REPEATED, detail=Detail(number, message).json)


def refused(number: int, key: str, error: BiofusionError) -> Row:
    """A row that cannot be carried out; the subjects that the error names are its candidates."""
    outcome = error.metadata.get("outcome", "")
    named = [Named(each, outcome) for each in error.metadata.get("subject_ids", "").split(",") if each]
    return Row(key, RowOutcome.REFUSED, error.reason, Detail(number, error.message, tuple(named)).json)


def named_by(checks: Iterable[Duplicates]) -> list[Named]:
    """The candidates of searches for duplicates, each once, best first."""
    found = {each.subject_id: each for check in checks for each in check.candidates}
    ordered = sorted(found.values(), key=lambda each: -each.decision.llr)
    return [Named(each.subject_id, str(each.decision.outcome), round(each.decision.llr, 2)) for each in ordered]


async def reasons(rows: JobRows, job: Job) -> dict[str, int]:
    """How many rows of a job were refused for each reason; reads all its results, some at a time."""
    counts: Counter[str] = Counter()
    first = 0
    while job.counts.refused and (found := await rows.results_from(job, first, RESULTS_AT_ONCE)):
        for _, chunk in found:
            counts.update(each.reason for each in chunk.rows if each.outcome is RowOutcome.REFUSED)
        first = found[-1][0] + 1
    return dict(sorted(counts.items()))
