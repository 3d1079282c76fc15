"""Jobs of all kinds on a real server with real matching services."""

from __future__ import annotations

import json
import uuid
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from biofusion.fusion.v1 import decisions_pb2, jobs_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from google.longrunning import operations_pb2
from google.protobuf.duration_pb2 import Duration

from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from fusion.packages import open_package
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from services.face.template.features import pack
from tests.service import pictures
from tests.service.fusion.requests import fields_named, refused, someone

KEY = X25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
DONE, REFUSED, REPEATED = jobs_pb2.ROW_OUTCOME_DONE, jobs_pb2.ROW_OUTCOME_REFUSED, jobs_pb2.ROW_OUTCOME_REPEATED


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of jobs."""
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "files").mkdir()
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    """A server of its own."""
    ensure_all()
    ensure_assets()
    settings = Settings(
        store_url=f"sqlite:///{place / 'store.db'}", log_level="WARNING", job_folders=str(place / "files")
    )
    with running(settings) as address:
        yield address


@pytest.fixture
def fusion(address: str) -> Iterator[FusionStubs]:
    """Stubs of it."""
    with grpc.insecure_channel(address) as channel:
        yield FusionStubs(channel)


@pytest.fixture
def files(place: Path) -> Path:
    """The folder that jobs may read and write."""
    return place / "files"


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
    template = pack(vector)
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


def test_templates_and_a_sweep(fusion: FusionStubs, files: Path) -> None:
    """Template rows are enrolled; a sweep of their gallery finds the pair that is one person, and nobody else."""
    gallery = someone()
    rows = [{"subject_id": f"{gallery}-{n}", "samples": [face(n)]} for n in range(60)]
    rows += [{"subject_id": f"{gallery}-twin", "samples": [face(7, 0.01)]}, {"subject_id": "no id!"}, rows[3]]
    request = jobs_pb2.StartImportRequest(options=options(), source=written(files, *rows), gallery=gallery)
    operation = ended(fusion, fusion.jobs.StartImport(request))
    found = summary(operation)
    assert (61, 1, 1) == (found.done_count, found.refused_count, found.repeated_count)
    assert {"FIELD_INVALID": 1} == dict(found.refused_by_reason)
    assert operation == ended(fusion, fusion.jobs.StartImport(request))
    assert list(range(1, 64)) == [each.row for each in results(fusion, operation.name)]
    (bad,) = results(fusion, operation.name, REFUSED)
    assert (62, "line 62", "FIELD_INVALID") == (bad.row, bad.key, bad.reason)
    assert 61 == len(results(fusion, operation.name, DONE, 1000))
    sweep = jobs_pb2.StartDuplicateSweepRequest(options=options(), gallery=gallery, expected_false_pairs=10)
    operation = ended(fusion, fusion.jobs.StartDuplicateSweep(sweep))
    pairs = [each for each in results(fusion, operation.name) if each.candidates]
    assert [f"{gallery}-7 {gallery}-twin"] == [each.key for each in pairs]
    assert "1" == summary(operation).facts["pairs reported"]


def test_images_a_folder_and_an_export(fusion: FusionStubs, files: Path) -> None:
    """Image rows are extracted and found; their gallery is exported as packages that the key opens."""
    gallery = someone()
    for number in range(4):
        (files / f"{gallery}-{number}.png").write_bytes(pictures.eye(40 + number, 0))
    rows: list[dict[str, Any]] = [
        {
            "subject_id": f"{gallery}-{n}",
            "samples": [{"modality": "IRIS", "position": "LEFT_EYE", "image": f"{gallery}-{n}.png"}],
        }
        for n in range(5)
    ]
    request = jobs_pb2.StartImportRequest(options=options(), source=written(files, *rows), gallery=gallery)
    operation = ended(fusion, fusion.jobs.StartImport(request))
    assert [DONE] * 4 + [REFUSED] == [each.outcome for each in results(fusion, operation.name)]
    image = sample_pb2.Image(data=pictures.eye(42, 1))
    probe = sample_pb2.Sample(modality=modality_pb2.MODALITY_IRIS, position=modality_pb2.POSITION_LEFT_EYE, image=image)
    identify = decisions_pb2.IdentifySubjectsRequest(samples=[probe], gallery=gallery)
    assert f"{gallery}-2" == fusion.decisions.IdentifySubjects(identify).subject_id
    export = jobs_pb2.StartExportRequest(
        options=options(), gallery=gallery, destination=f"out-{gallery}", recipient_public_key=PUBLIC
    )
    assert 4 == summary(ended(fusion, fusion.jobs.StartExport(export))).done_count
    opened = open_package((files / f"out-{gallery}" / f"{gallery}-2.biofusion").read_bytes(), PRIVATE)
    assert [(f"{gallery}-2", [gallery])] == [(row["subject_id"], row["galleries"]) for row in opened]


def test_duplicates_within_an_import(fusion: FusionStubs, files: Path) -> None:
    """With REFUSE, of two rows of one person under two names the second is refused, and names the first."""
    gallery = someone()
    rows = [{"subject_id": f"{gallery}-a", "samples": [face(500)]}]
    first = jobs_pb2.StartImportRequest(options=options(), source=written(files, *rows), gallery=gallery)
    ended(fusion, fusion.jobs.StartImport(first))
    rows = [{"subject_id": f"{gallery}-b", "samples": [face(500, 0.01)]}]
    second = jobs_pb2.StartImportRequest(
        options=options(),
        source=written(files, *rows),
        gallery=gallery,
        on_duplicate=subjects_pb2.ON_DUPLICATE_REFUSE,
    )
    (row,) = results(fusion, ended(fusion, fusion.jobs.StartImport(second)).name)
    assert (REFUSED, "DUPLICATE_FOUND") == (row.outcome, row.reason)
    assert [f"{gallery}-a"] == [each.subject_id for each in row.candidates]


def test_expiry(fusion: FusionStubs, files: Path) -> None:
    """An encounter whose time has passed is deleted."""
    subject, past = someone(), (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    rows = [{"subject_id": subject, "samples": [face(600)], "expire_time": past}]
    request = jobs_pb2.StartImportRequest(options=options(), source=written(files, *rows))
    ended(fusion, fusion.jobs.StartImport(request))
    operation = ended(fusion, fusion.jobs.StartExpiry(jobs_pb2.StartExpiryRequest(options=options())))
    assert [subject] == [each.key for each in results(fusion, operation.name)]
    read = subjects_pb2.GetSubjectRequest(subject_id=subject)
    assert grpc.StatusCode.NOT_FOUND == refused(fusion.subjects.GetSubject, read)[0]


def test_retemplating_what_is_new_already(fusion: FusionStubs, files: Path) -> None:
    """A row whose encounter has templates of the present model only is REPEATED."""
    subject = someone()
    rows = [{"subject_id": subject, "encounter_id": "e", "samples": [face(601)]}]
    request = jobs_pb2.StartImportRequest(options=options(), source=written(files, *rows))
    ended(fusion, fusion.jobs.StartImport(request))
    row = {"subject_id": subject, "encounter_id": "e", "samples": [{"modality": "FACE", "image": "none.png"}]}
    again = jobs_pb2.StartRetemplatingRequest(options=options(), source=written(files, row))
    operation = ended(fusion, fusion.jobs.StartRetemplating(again))
    assert [REPEATED] == [each.outcome for each in results(fusion, operation.name)]
    assert "0" == summary(operation).facts["templates of other models that are left"]


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
