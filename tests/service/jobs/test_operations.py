"""Jobs as operations: listed, cancelled, deleted, failed; and requests that cannot be used."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import grpc
from biofusion.fusion.v1 import jobs_pb2
from google.longrunning import operations_pb2

from cli.stubs import FusionStubs
from tests.service.fusion.requests import fields_named, refused, someone
from tests.service.jobs.job_requests import (
    REFUSED,
    ended,
    face,
    metadata,
    options,
    results,
    written,
)


def test_operations(fusion: FusionStubs, files: Path) -> None:
    """Jobs are listed by kind and state, cancelled, and deleted when they have ended."""
    rows = [{"subject_id": someone(), "samples": [face(n)]} for n in range(3000)]
    request = jobs_pb2.StartImportRequest(options=options(), source=written(files, *rows), gallery=someone())
    made = fusion.jobs.StartImport(request)
    fusion.operations.CancelOperation(operations_pb2.CancelOperationRequest(name=made.name))
    operation = ended(fusion, made)
    assert (1, "CANCELLED") == (operation.error.code, jobs_pb2.JobState.Name(metadata(operation).state)[10:])
    assert metadata(operation).cancel_requested
    listed = list(_listed(fusion, "kind=IMPORT AND state=CANCELLED"))
    assert made.name in [each.name for each in listed]
    assert {jobs_pb2.JOB_STATE_CANCELLED} == {metadata(each).state for each in listed}
    assert made.name not in [each.name for each in _listed(fusion, "kind=EXPORT")]
    assert made.name in [each.name for each in _listed(fusion, "")]
    fusion.operations.DeleteOperation(operations_pb2.DeleteOperationRequest(name=made.name))
    get = operations_pb2.GetOperationRequest(name=made.name)
    assert (grpc.StatusCode.NOT_FOUND, "JOB_NOT_FOUND") == refused(fusion.operations.GetOperation, get)


def _listed(fusion: FusionStubs, words: str) -> Iterator[operations_pb2.Operation]:
    request = operations_pb2.ListOperationsRequest(name="operations", filter=words, page_size=2)
    while True:
        page = fusion.operations.ListOperations(request, timeout=30)
        yield from page.operations
        request.page_token = page.next_page_token
        if not page.next_page_token:
            return


def test_a_job_that_fails(fusion: FusionStubs, files: Path) -> None:
    """Beyond its budget of refused rows a job ends with an error that names the reason."""
    source = written(files, *[{"subject_id": "no id!"}] * 5)
    limited = jobs_pb2.JobOptions(request_id=str(uuid.uuid4()), max_refused_count=0)
    operation = ended(fusion, fusion.jobs.StartImport(jobs_pb2.StartImportRequest(options=limited, source=source)))
    assert 9 == operation.error.code
    assert 5 == len(results(fusion, operation.name, REFUSED))


def test_requests_that_cannot_be_used(fusion: FusionStubs, files: Path) -> None:
    """Each wrong field is named, and no job is made."""
    (files / "empty.jsonl").write_text("")
    imports = fusion.jobs.StartImport
    for field, fields in (
        ("options.request_id", {"options": jobs_pb2.JobOptions(request_id="x")}),
        ("options.request_id", {"options": jobs_pb2.JobOptions()}),
        ("source", {"source": "../x"}),
        ("source", {"source": "/etc/passwd"}),
        ("source", {"source": ""}),
        ("gallery", {"gallery": "no id!"}),
        ("on_duplicate", {"on_duplicate": 99}),
        ("format", {"format": 99}),
        (
            "options.max_refused_count",
            {"options": jobs_pb2.JobOptions(request_id=str(uuid.uuid4()), max_refused_count=-1)},
        ),
        (
            "options.max_refused_share",
            {"options": jobs_pb2.JobOptions(request_id=str(uuid.uuid4()), max_refused_share=float("nan"))},
        ),
        (
            "options.callback",
            {"options": jobs_pb2.JobOptions(request_id=str(uuid.uuid4()), callback="http://127.0.0.1:1/")},
        ),
    ):
        request = jobs_pb2.StartImportRequest(**{"options": options(), "source": "empty.jsonl", **fields})
        assert [field] == fields_named(imports, request), field
    sweep = jobs_pb2.StartDuplicateSweepRequest(options=options())
    assert ["expected_false_pairs"] == fields_named(fusion.jobs.StartDuplicateSweep, sweep)
    listing = operations_pb2.ListOperationsRequest(filter="kind=PIE")
    assert ["filter"] == fields_named(fusion.operations.ListOperations, listing)
    listing = operations_pb2.ListOperationsRequest(page_size=-1)
    assert ["page_size"] == fields_named(fusion.operations.ListOperations, listing)
    ended_one = ended(fusion, imports(jobs_pb2.StartImportRequest(options=options(), source="empty.jsonl")))
    again = jobs_pb2.RedeliverCallbackRequest(name=ended_one.name)
    assert (grpc.StatusCode.FAILED_PRECONDITION, "NO_CALLBACK") == refused(fusion.jobs.RedeliverCallback, again)
    wrong = jobs_pb2.ListJobResultsRequest(name=ended_one.name, outcome=9)
    assert ["outcome"] == fields_named(fusion.jobs.ListJobResults, wrong)
