"""Jobs of all kinds on a real server with real matching services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
from biofusion.fusion.v1 import decisions_pb2, jobs_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from cli.stubs import FusionStubs
from fusion.packages import open_package
from tests.service import pictures
from tests.service.fusion.requests import refused, someone
from tests.service.jobs.job_requests import (
    DONE,
    REFUSED,
    REPEATED,
    ended,
    face,
    options,
    results,
    summary,
    written,
)

KEY = X25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


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
