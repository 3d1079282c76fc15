"""Requests about jobs that the tests share."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from pathlib import Path
from typing import Any

import numpy as np
from biofusion.fusion.v1 import jobs_pb2
from google.longrunning import operations_pb2
from google.protobuf.duration_pb2 import Duration

from cli.stubs import FusionStubs
from services.face.template.features import joined, pack

DONE, REFUSED, REPEATED = jobs_pb2.ROW_OUTCOME_DONE, jobs_pb2.ROW_OUTCOME_REFUSED, jobs_pb2.ROW_OUTCOME_REPEATED


def options() -> jobs_pb2.JobOptions:
    """Options with a new request id."""
    return jobs_pb2.JobOptions(request_id=str(uuid.uuid4()))


def face(seed: int, noise: float = 0.0) -> dict[str, Any]:
    """A template of a made-up face as a sample of a row."""
    vector = np.random.default_rng(seed).standard_normal(128).astype(np.float32)
    vector /= np.linalg.norm(vector)
    if noise:
        vector += noise * np.random.default_rng(seed + 1000).standard_normal(128).astype(np.float32)
        vector /= np.linalg.norm(vector)
    template = pack(joined(vector, vector))
    data = b64encode(template.data).decode()
    return {"modality": "FACE", "template": data, "model_id": template.model_id, "quality": 90}


def written(folder: Path, *rows: dict[str, Any]) -> str:
    """The name of a manifest of these rows."""
    name = f"{uuid.uuid4()}.jsonl"
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return name


def ended(fusion: FusionStubs, operation: operations_pb2.Operation) -> operations_pb2.Operation:
    """A job at its end."""
    for _ in range(30):
        request = operations_pb2.WaitOperationRequest(name=operation.name, timeout=Duration(seconds=10))
        operation = fusion.operations.WaitOperation(request, timeout=30)
        if operation.done:
            return operation
    raise AssertionError(operation)


def summary(operation: operations_pb2.Operation) -> jobs_pb2.JobSummary:
    """The summary of a job that is done."""
    found = jobs_pb2.JobSummary()
    assert operation.response.Unpack(found), operation
    return found


def metadata(operation: operations_pb2.Operation) -> jobs_pb2.JobMetadata:
    """How far a job is."""
    found = jobs_pb2.JobMetadata()
    assert operation.metadata.Unpack(found)
    return found


def results(fusion: FusionStubs, name: str, outcome: int = 0, page_size: int = 3) -> list[jobs_pb2.JobResult]:
    """All results of an outcome."""
    request, found = jobs_pb2.ListJobResultsRequest(name=name, outcome=outcome, page_size=page_size), []
    while True:
        page = fusion.jobs.ListJobResults(request, timeout=30)
        found += page.results
        request.page_token = page.next_page_token
        if not page.next_page_token:
            return found
