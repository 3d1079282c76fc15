"""What operators see of real services after real calls, and that it names nobody."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2

from cli.stubs import FusionStubs
from infra.settings import Settings
from infra.telemetry.traces import HEADER, Span
from tests.service.fusion.requests import enrolment, eye
from tests.support.telemetry.metrics import samples, scraped
from tests.support.telemetry.seen import seen_lines, seen_spans

MARK = "marked-7c1f"
TRACE = "00-" + "7c" * 16 + "-" + "1f" * 8 + "-01"


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """All lines that the services log, at DEBUG, as text and as JSON."""
    with seen_lines("biofusion", "gallery") as found:
        yield found


@pytest.fixture
def spans() -> Iterator[list[Span]]:
    """The spans that are collected."""
    with seen_spans(0.0) as found:
        yield found


def marked() -> str:
    """An id with the mark, which no other test uses."""
    return f"{MARK}-{uuid.uuid4()}"


def test_calls_are_told_and_nobody_is_named(
    either: FusionStubs, service_settings: Settings, lines: list[str], spans: list[Span]
) -> None:
    """Enrolment, decisions, refusals and failures leave counts, spans and lines, without an id of anybody."""
    person, gallery = marked(), marked()
    before = samples(scraped(service_settings.metrics_port))
    request = enrolment(person, eye(3, 0), galleries=[gallery], encounter_id=marked())
    token = either.subjects.EnrollSubject(request, timeout=60).consistency_token
    verify = decisions_pb2.VerifySubjectRequest(subject_id=person, samples=[eye(3, 1)])
    either.decisions.VerifySubject(verify, timeout=60, metadata=[(HEADER, TRACE)])
    identify = decisions_pb2.IdentifySubjectsRequest(gallery=gallery, samples=[eye(3, 2)], consistency_token=token)
    either.decisions.IdentifySubjects(identify, timeout=60)
    for call, wrong in (
        (either.decisions.VerifySubject, decisions_pb2.VerifySubjectRequest(subject_id=marked(), samples=[eye(3, 1)])),
        (either.decisions.IdentifySubjects, decisions_pb2.IdentifySubjectsRequest(gallery=marked())),
        (either.subjects.EnrollSubject, enrolment(person, eye(3, 1))),
        (either.subjects.DeleteSubject, subjects_pb2.DeleteSubjectRequest(subject_id=marked(), request_id="x")),
    ):
        with pytest.raises(grpc.RpcError):
            call(wrong, timeout=60)
    text = scraped(service_settings.metrics_port)
    after = samples(text)

    def counted(name: str, **labels: str) -> float:
        key = name, tuple(sorted(labels.items()))
        return after[key] - before.get(key, 0.0)

    assert 1.0 == counted("biofusion_decisions_total", operation="verify", outcome="MATCH", modalities="IRIS")
    assert 1.0 == counted("biofusion_decisions_total", operation="identify", outcome="MATCH", modalities="IRIS")
    assert counted("biofusion_sample_quality_count", service="iris") >= 3.0
    assert counted("biofusion_stage_seconds_count", service="iris", stage="search") >= 1.0
    assert counted("biofusion_comparison_rarity_count", comparator_id="iris-hamming-3", kind="claimed") == 1.0
    assert counted("biofusion_call_seconds_count", method="DecisionService/VerifySubject", code="NOT_FOUND") == 1.0
    assert after["biofusion_index_subjects", (("service", "iris"),)] >= 1.0
    assert 1.0 == after["biofusion_index_ready", (("service", "face"),)]
    assert any("DecisionService/VerifySubject NOT_FOUND" in line for line in lines)
    assert any('"trace_id": "' + "7c" * 16 in line for line in lines)
    assert [] == [line for line in [*lines, *text.splitlines(), *map(repr, spans)] if MARK in line]


def test_a_trace_goes_through_all_services(either: FusionStubs, spans: list[Span]) -> None:
    """The call and its stages, those of the matching service too, are spans of the caller's trace."""
    request = decisions_pb2.IdentifySubjectsRequest(samples=[eye(4, 0)])
    either.decisions.IdentifySubjects(request, timeout=60, metadata=[(HEADER, TRACE)])
    by_id = {each.of.span_id: each for each in spans}
    assert {"7c" * 16} == {each.of.trace_id for each in spans}
    (root,) = (each for each in spans if each.parent_id not in by_id)
    assert ("DecisionService/IdentifySubjects", "1f" * 8) == (root.name, root.parent_id)
    stages = {"fusion extract", "iris extract", "iris decode", "fusion search", "iris search", "fusion rank"}
    assert stages < {each.name for each in spans}
    (decoding,) = (each for each in spans if each.name == "iris decode")
    above = [by_id[decoding.parent_id]]
    while above[-1].parent_id in by_id:
        above.append(by_id[above[-1].parent_id])
    names = [each.name for each in above if "/" not in each.name]
    assert ["iris extract", "fusion extract"] == names
