"""Jobs, chunks and results in JSON."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.errors import FieldInvalid, RecordUnreadable
from fusion.jobs.codec import (
    MAX_ROW_BYTES,
    MAX_ROWS,
    ChunkRows,
    chunk_bytes,
    chunk_of,
    job_bytes,
    job_of,
    rows_bytes,
    rows_of,
)
from fusion.jobs.parts import Chunk, ChunkState, Counts, Lease, Part, Row, RowOutcome
from fusion.jobs.values import Budget, Callback, Job, JobError, JobState
from gallery.store.documents.port import Document
from gallery.store.documents.rules import MAX_BODY_BYTES

TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)
JOB = Job(
    "operations/x",
    "numbers",
    {"a": [1, None, "é"]},
    JobState.CANCELLING,
    1.5,
    2.5,
    3.5,
    Counts(1, 2, 3),
    Counts(1, 1, 1),
    9,
    True,
    Budget(3, 0.5),
    JobError("R", "m"),
    "r",
    "s",
    {"k": 1},
    Callback("https://a/", True, 1, 2.0, 3.0, "200"),
    Lease("o", 4.5),
    7,
    11,
)
CHUNK = Chunk(12, Part({"from": 3}, 4), 5, ChunkState.CUT, Lease("o", 1.5), 1, 2, 3, 4.5, Counts(1), 6)


def test_jobs_and_chunks_come_back() -> None:
    """Every field is kept."""
    assert JOB == job_of(Document(JOB.name, JOB.version, job_bytes(JOB)))
    assert CHUNK == chunk_of(Document("x/0000000012", CHUNK.version, chunk_bytes(CHUNK)))


@given(JSON, st.sampled_from(RowOutcome), st.booleans())
def test_results_come_back(detail: object, outcome: RowOutcome, is_cut: bool) -> None:  # noqa: FBT001 - hypothesis names no arguments
    """Any detail in JSON is kept."""
    results = ChunkRows((Row("k", outcome, "REASON", detail), Row("", RowOutcome.DONE)), is_cut)
    assert results == rows_of(Document("x/0000000001", 1, rows_bytes(results)))


def test_the_results_of_a_chunk_fit_into_a_document() -> None:
    """The most rows of the greatest size are no more than a document may have; one more of either is refused."""
    row = Row("k", RowOutcome.REFUSED, "R", "x" * (MAX_ROW_BYTES - len('["k","REFUSED","R",""]')))
    assert MAX_BODY_BYTES >= len(rows_bytes(ChunkRows((row,) * MAX_ROWS)))
    with pytest.raises(FieldInvalid):
        rows_bytes(ChunkRows((row,) * (MAX_ROWS + 1)))
    for key, detail in (("kk", row.detail), ("k", float("nan")), ("k", {1}), ("\ud800", None)):
        with pytest.raises(FieldInvalid):
            rows_bytes(ChunkRows((Row(key, row.outcome, "R", detail),)))


@pytest.mark.parametrize("read", [job_of, chunk_of, rows_of])
def test_damaged_rows_are_named(read: object) -> None:
    """Whatever stands in a document, reading it succeeds or says that it cannot be read."""
    for whole in (job_bytes(JOB), chunk_bytes(CHUNK), rows_bytes(ChunkRows((Row("k", RowOutcome.DONE),)))):
        for end in range(len(whole)):
            _read_or_named(read, whole[:end])
            _read_or_named(read, whole[:end] + b"0" + whole[end + 1 :])
            _read_or_named(read, whole[:end] + b'"' + whole[end + 1 :])
    for body in (b"", b"null", b"[]", b"{}", b"1", b"\xff", b"[" * 100_000, b'{"rows":1}', b'{"rows":[[]],"is_cut":0}'):
        with pytest.raises(RecordUnreadable):
            read(Document("x/1", 1, body))  # type: ignore[operator]


def _read_or_named(read: object, body: bytes) -> None:
    with suppress(RecordUnreadable):
        read(Document("x/1", 1, body))  # type: ignore[operator]
