from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2

from audit.keyed_hashes import HashKey
from biometrics.errors import AccessDenied
from fusion.jobs.codec import ChunkRows
from fusion.jobs.parts import Row, RowOutcome
from fusion.jobs.values import Job, JobError, JobState
from fusion.wire.witness.call_witness import FIELDS, CallWitness
from fusion.wire.witness.fields import HOW, How
from fusion.wire.witness.job_witness import AuditedJobs
from fusion.wire.witness.messages import facts
from fusion.wire.witness.review_witness import AuditedReviews
from infra.deadlines import Deadline, current_deadline
from infra.identity.caller import Caller, Proof
from infra.identity.intent import Intent
from infra.identity.remarks import remark, remarks_of_call
from infra.identity.visit import Visit

PAGE = (Path(__file__).parents[5] / "docs" / "reference" / "audit-record.md").read_text()
KEY = HashKey("0123abcd", b"k" * 32)
VISIT = Visit(Caller("spiffe://example.org/desk", Proof.CERTIFICATE), Intent("border-control", "case-7", "officer-3"))


class Kept:
    """A log that keeps the records in a list."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    async def append(self, _kind: str, of: bytes) -> None:
        """See Log."""
        self.records.append(json.loads(of))


def documented(section: str) -> list[str]:
    """The names in the first column of a section's table."""
    rows = re.findall(rf"^## {section}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)[0]
    cells = re.findall(r"^\| (`[^|]*) \|", rows, re.MULTILINE)
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


async def test_the_reference_has_all_fields_of_calls() -> None:
    """In the order in which they are written."""
    log = Kept()
    remarks_of_call.set({})
    remark(gallery="west")
    response = decisions_pb2.VerifySubjectResponse()
    response.decision.outcome = 3
    witness = CallWitness(log, KEY, "m")
    await witness.answered(VISIT, "/a.B/C", decisions_pb2.VerifySubjectRequest(subject_id="anna"), response)
    await witness.failed(VISIT, "/a.B/C", None, AccessDenied("No."))
    assert list(FIELDS) == documented("CALL")
    assert set(FIELDS) - {"id"} == set(log.records[0]) | set(log.records[1])
    assert ("REVIEW", "PERMISSION_DENIED", "ACCESS_DENIED") == (
        log.records[0]["outcome"],
        log.records[1]["status"],
        log.records[1]["reason"],
    )


async def test_the_reference_has_all_fields_of_jobs() -> None:
    """Those of each event."""
    log = Kept()
    jobs = AuditedJobs(log)
    job = Job("operations/1", "import", {}, JobState.FAILED, error=JobError("R", "m"), request_id="r")
    await jobs.started(job)
    await jobs.worked(job, 3, ChunkRows((Row("1", RowOutcome.REFUSED, "FIELD_INVALID"), Row("2", RowOutcome.DONE))))
    await jobs.ended(job)
    assert set(documented("JOB")) == {name for each in log.records for name in each}
    assert ({"FIELD_INVALID": 1}, 1, 1) == tuple(log.records[1][name] for name in ("reasons", "refused", "done"))


async def test_the_reference_has_all_fields_of_reviews() -> None:
    """Those of an event of a case."""
    log = Kept()
    await AuditedReviews(log).happened("reviewCases/1", "EXPIRED", "OPEN")
    assert documented("REVIEW") == list(log.records[0])


@pytest.mark.parametrize("how", [each for each in How if each is not How.LEFT_OUT])
def test_the_reference_says_how_each_field_is_recorded(how: How) -> None:
    """Each row of its table has the names of the table in the code."""
    (row,) = re.findall(rf"<!-- {how.value} -->(.*)\|", PAGE)
    assert sorted(name for name, each in HOW.items() if each is how) == re.findall(r"`(\w+)`", row)


async def test_a_call_that_was_given_up_says_why() -> None:
    """Its deadline has passed, or its caller has gone."""
    log = Kept()
    witness = CallWitness(log, KEY, "m")
    for deadline in (Deadline.after(0.0), Deadline.after(60.0)):
        current_deadline.set(deadline)
        await witness.failed(VISIT, "/a.B/C", None, asyncio.CancelledError())
    assert ["DEADLINE_EXCEEDED", "CANCELLED"] == [each["status"] for each in log.records]


def test_texts_that_are_no_names_are_not_recorded() -> None:
    """Whatever a caller writes into a field of a name, and however often."""
    message = subjects_pb2.EnrollSubjectRequest(
        galleries=["west", "two words", "x" * 2000, *["g"] * 200], subject_id="two words"
    )
    found = facts(message, KEY)
    assert ["west", "?", "?", "g"] == found["galleries"][:4]
    assert (100, KEY.hash("subject", "two words")) == (len(found["galleries"]), found["subject_id"])
    assert {} == facts(None, KEY)
