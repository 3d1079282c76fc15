"""What a server's audit log says of calls and jobs: who asked what, what for, and what was decided."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import grpc
from biofusion.fusion.v1 import decisions_pb2, galleries_pb2, jobs_pb2, subjects_pb2
from biofusion.type.v1 import modality_pb2
from google.protobuf.message import Message

from audit.reading import records
from cli.stubs import FusionStubs
from fusion.configured import fusion_model
from fusion.wire.witness.explain import explain, other_versions
from fusion.wire.witness.export import readable
from infra.settings import Settings
from tests.service.audit.audited_calls import another_face, asked, hashed, known, recorded
from tests.service.fusion.requests import enrolment, refused, someone
from tests.service.jobs.job_requests import ended, face, options


def test_a_verification_is_recorded_and_derived_again(fusion: FusionStubs, place: Path) -> None:
    """Who asked, what for, about whom by keyed hash, the outcome; its decision follows from the record alone."""
    subject = known(fusion, 1)
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[another_face(1, 0.02)], fmr=1e-3)
    answer, request_id = asked(fusion.decisions.VerifySubject, request)
    record = recorded(place, request_id)
    fields = record.fields
    assert ("border-control", "case-7", "officer-3", "local", "NONE", "OK", "MATCH") == tuple(
        fields[name] for name in ("purpose", "case", "officer", "caller", "proof", "status", "outcome")
    )
    assert {"subject_id": hashed(place, subject), "samples": ["FACE/UNSPECIFIED/template"], "fmr": 1e-3} == fields[
        "request"
    ]
    (derived,) = explain(fields, record.start, fusion_model(Settings()))
    assert ((), "", answer.decision) == (derived.differences, derived.remark, derived.recorded)
    assert [] == other_versions(record.start, fusion_model(Settings()))
    assert answer.decision.llr == readable(record)["response"]["decision"]["llr"]


def test_an_explanation_is_recorded_without_what_it_showed(fusion: FusionStubs, place: Path) -> None:
    """Who asked, what for, about whom; of the answer only which encounter it was, by keyed hash, and its quality."""
    subject = known(fusion, 5, encounter_id="e-5")
    request = decisions_pb2.ExplainEvidenceRequest(subject_id=subject, sample=another_face(5, 0.02))
    _, request_id = asked(fusion.decisions.ExplainEvidence, request)
    fields = recorded(place, request_id).fields
    assert ("border-control", "OK") == (fields["purpose"], fields["status"])
    assert {"subject_id": hashed(place, subject), "sample": ["FACE/UNSPECIFIED/template"]} == fields["request"]
    told = fields["response"]
    assert {"evidence", "explanation", "encounter_id", "reference_quality", "reference_quality_is_claimed"} == set(told)
    assert (1, 1, False) == (told["evidence"], told["explanation"], "e-5" in told["encounter_id"])


def test_an_identification_is_recorded_and_derived_again(fusion: FusionStubs, place: Path) -> None:
    """With the gallery that an alias stood for, the token that was used, the candidates by hash, and the search."""
    gallery, alias = someone(), someone()
    anyway = {"galleries": [gallery], "on_duplicate": subjects_pb2.ON_DUPLICATE_ALLOW}
    twins = [known(fusion, number, **anyway) for number in (2, 2, 3)]
    set_alias = galleries_pb2.SetGalleryAliasRequest(request_id=str(uuid.uuid4()), alias=alias, gallery=gallery)
    fusion.galleries.SetGalleryAlias(set_alias)
    for probe, candidates in ((2, set(twins[:2])), (9, set())):
        request = decisions_pb2.IdentifySubjectsRequest(samples=[another_face(probe, 0.02)], gallery=alias)
        answer, request_id = asked(fusion.decisions.IdentifySubjects, request)
        record = recorded(place, request_id)
        remarks = record.fields["remarks"]
        assert (alias, gallery) == (record.fields["request"]["gallery"], remarks["gallery"])
        assert remarks["token"].startswith("sqlite.")
        named = {each["subject_id"] for each in record.fields["response"].get("candidates", ())}
        assert {hashed(place, each) for each in candidates} == named
        derived = explain(record.fields, record.start, fusion_model(Settings()))
        assert [((), "")] * (1 + len(candidates)) == [(each.differences, each.remark) for each in derived]
        assert answer.decision == derived[0].recorded


def test_other_decisions_are_derived_again(fusion: FusionStubs, place: Path) -> None:
    """Those of a duplicate check, alone and within an enrolment, and those on scores of the caller."""
    gallery = someone()
    known(fusion, 4, galleries=[gallery])
    alike = enrolment(
        someone(), another_face(4, 0.02), galleries=[gallery], on_duplicate=subjects_pb2.ON_DUPLICATE_REVIEW
    )
    scores = [
        decisions_pb2.NamedScore(modality=modality_pb2.MODALITY_FACE, comparator_id="face-cosine-1", score=0.7),
        decisions_pb2.NamedScore(modality=modality_pb2.MODALITY_IRIS, comparator_id="iris-hamming-3", score=0.2),
    ]
    again = decisions_pb2.CheckDuplicatesRequest(samples=[another_face(4, 0.03)], gallery=gallery)
    calls: list[tuple[Any, Message, int]] = [
        (fusion.subjects.EnrollSubject, alike, 2),
        (fusion.decisions.CheckDuplicates, again, 2),
        (fusion.decisions.FuseScores, decisions_pb2.FuseScoresRequest(scores=scores), 1),
    ]
    for call, request, count in calls:
        _, request_id = asked(call, request)
        record = recorded(place, request_id)
        derived = explain(record.fields, record.start, fusion_model(Settings()))
        assert (count, set()) == (len(derived), {each for one in derived for each in one.differences})


def test_a_record_that_says_something_else_does_not_explain_itself(fusion: FusionStubs, place: Path) -> None:
    """Of a process with other settings, the decision that its record has is not the one that follows."""
    subject = known(fusion, 5)
    request = decisions_pb2.VerifySubjectRequest(subject_id=subject, samples=[another_face(5, 0.02)])
    _, request_id = asked(fusion.decisions.VerifySubject, request)
    record = recorded(place, request_id)
    start = record.start
    start["model"]["review_band_llr"] = 1.0
    (derived,) = explain(record.fields, start, fusion_model(Settings()))
    assert any("review_threshold_llr" in each for each in derived.differences)


def test_failed_calls_are_recorded(fusion: FusionStubs, place: Path, address: str) -> None:
    """With status and reason; one whose message cannot be parsed too, and a stream from its beginning."""
    nobody, before = someone(), len(list(records(place / "log")))
    request = subjects_pb2.GetSubjectRequest(subject_id=nobody)
    assert grpc.StatusCode.NOT_FOUND == refused(fusion.subjects.GetSubject, request)[0]
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary("/biofusion.fusion.v1.SubjectService/GetSubject")
        assert (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED") == refused(call, b"\xff\xff")
    changes = fusion.subjects.WatchChanges(subjects_pb2.WatchChangesRequest())
    next(changes)
    changes.cancel()
    missing, malformed, stream = (each.fields for each in list(records(place / "log"))[before:][:3])
    assert ("NOT_FOUND", "SUBJECT_NOT_FOUND", {"subject_id": hashed(place, nobody)}) == (
        missing["status"],
        missing["reason"],
        missing["request"],
    )
    assert ("MESSAGE_MALFORMED", None) == (malformed["reason"], malformed.get("request"))
    assert ("/biofusion.fusion.v1.SubjectService/WatchChanges", "OK") == (stream["method"], stream["status"])


def test_jobs_are_recorded(fusion: FusionStubs, place: Path) -> None:
    """Their start, what became of the rows of each part, and their end, with the name of the operation."""
    source = place / "files" / "source.jsonl"
    rows = [{"subject_id": f"job-{uuid.uuid4()}", "samples": [face(number)]} for number in range(20, 23)]
    source.write_text("\n".join(map(json.dumps, [*rows, {"subject_id": "no id!"}])))
    request = jobs_pb2.StartImportRequest(options=options(), source=str(source), gallery=someone())
    name = ended(fusion, fusion.jobs.StartImport(request)).name
    told = [each.fields for each in records(place / "log") if each.fields.get("job") == name]
    assert [("STARTED", None), ("WORKED", 3), ("ENDED", 3)] == [(each["event"], each.get("done")) for each in told]
    assert ({"FIELD_INVALID": 1}, "DONE") == (told[1]["reasons"], told[2]["state"])
