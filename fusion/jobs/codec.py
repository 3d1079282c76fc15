"""Jobs, chunks and rows ↔ the JSON that the store keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from biometrics.errors import FieldInvalid, RecordUnreadable
from fusion.jobs.parts import Chunk, ChunkState, Counts, Json, Lease, Part, Row, RowOutcome
from fusion.jobs.values import Budget, Callback, Job, JobError, JobState
from gallery.store.documents.port import Document

MAX_ROWS = 1000
"""Most rows of a chunk."""
MAX_ROW_BYTES = 1000
"""Most bytes of a row in JSON, so that the results of a chunk fit into a document."""


@dataclass(frozen=True, slots=True)
class ChunkRows:
    """The results of a chunk, written once.

    Args:
        rows: one for each row that was finished.
        is_cut: whether the job was stopped before the others.
    """

    rows: tuple[Row, ...]
    is_cut: bool = False

    @property
    def counts(self) -> Counts:
        """Their numbers by outcome."""
        return sum((counted(each) for each in self.rows), Counts())


def counted(row: Row) -> Counts:
    """The counts of one row."""
    return Counts(**{row.outcome.value.lower(): 1})


def json_bytes(value: Json, field: str, most: int) -> bytes:
    """A value in JSON.

    Raises:
        FieldInvalid: it is none, or has more than `most` bytes.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        raise FieldInvalid(field, "it cannot be written as JSON.") from None
    if len(text) > most:
        raise FieldInvalid(field, f"it has {len(text)} bytes of JSON; {most} are allowed.")
    return text


def job_bytes(job: Job) -> bytes:
    """The body of a job's document."""
    return _dumped(asdict(job) | {"state": job.state.value}, "name", "version")


def job_of(document: Document) -> Job:
    """The job in a document. Raises RecordUnreadable."""
    facts = _loaded(document)
    try:
        error = JobError(**facts.pop("error")) if facts["error"] else facts.pop("error")
        return Job(
            name=document.key,
            version=document.version,
            state=JobState(facts.pop("state")),
            counts=Counts(**facts.pop("counts")),
            settled_counts=Counts(**facts.pop("settled_counts")),
            budget=Budget(**facts.pop("budget")),
            callback=Callback(**facts.pop("callback")),
            lease=Lease(**facts.pop("lease")),
            error=error,
            **facts,
        )
    except (TypeError, ValueError, KeyError) as caught:
        raise _unreadable() from caught


def chunk_bytes(chunk: Chunk) -> bytes:
    """The body of a chunk's document."""
    return _dumped(asdict(chunk) | {"state": chunk.state.value}, "number", "version")


def chunk_of(document: Document) -> Chunk:
    """The chunk in a document. Raises RecordUnreadable."""
    facts = _loaded(document)
    try:
        return Chunk(
            number=int(document.key.rpartition("/")[2]),
            version=document.version,
            part=Part(**facts.pop("part")),
            state=ChunkState(facts.pop("state")),
            lease=Lease(**facts.pop("lease")),
            counts=Counts(**facts.pop("counts")),
            **facts,
        )
    except (TypeError, ValueError, KeyError) as caught:
        raise _unreadable() from caught


def rows_bytes(results: ChunkRows) -> bytes:
    """The body of the document of a chunk's results.

    Raises:
        FieldInvalid: a row has more than `MAX_ROW_BYTES`, or there are more than `MAX_ROWS`.
    """
    if len(results.rows) > MAX_ROWS:
        raise FieldInvalid("rows", f"a chunk has {len(results.rows)} rows; {MAX_ROWS} are allowed.")
    rows = [json_bytes(_flat(each), "row", MAX_ROW_BYTES) for each in results.rows]
    return b'{"is_cut":%s,"rows":[%s]}' % (b"true" if results.is_cut else b"false", b",".join(rows))


def rows_of(document: Document) -> ChunkRows:
    """The results in a document. Raises RecordUnreadable."""
    facts = _loaded(document)
    try:
        rows = [Row(key, RowOutcome(outcome), *rest) for key, outcome, *rest in facts["rows"]]
        return ChunkRows(tuple(rows), facts["is_cut"])
    except (TypeError, ValueError, KeyError) as caught:
        raise _unreadable() from caught


def _flat(row: Row) -> Sequence[Json]:
    return [row.key, row.outcome.value, row.reason, row.detail]


def _dumped(facts: Mapping[str, Any], *without: str) -> bytes:
    kept = {name: value for name, value in facts.items() if name not in without}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def _loaded(document: Document) -> dict[str, Any]:
    try:
        facts = json.loads(document.body)
    except (ValueError, RecursionError) as caught:
        raise _unreadable() from caught
    if not isinstance(facts, dict):
        raise _unreadable()
    return facts


def _unreadable() -> RecordUnreadable:
    return RecordUnreadable("A row of a job is damaged, or was written by a newer program. Use that.")
