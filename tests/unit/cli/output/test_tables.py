from __future__ import annotations

import io

import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import comparison_pb2, decision_pb2, modality_pb2, sample_pb2
from rich.console import Console, Group, RenderableType

from cli.output.failures import REVIEW
from cli.output.tables import (
    EXIT_CODE,
    candidates_table,
    decision,
    exit_code,
    outcome_name,
    presentation_attacks,
    reports_table,
    subjects_table,
)


def rendered(part: RenderableType) -> list[list[str]]:
    """The words of every line that is not empty."""
    console = Console(file=io.StringIO(), width=160)
    console.print(part)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]  # it is the StringIO
    return [line.split() for line in lines if line.strip()]


def a_decision() -> decision_pb2.Decision:
    """A MATCH by an eye of unknown side, with a missing finger and a face that was not found."""
    eye = decision_pb2.Evidence(
        modality=modality_pb2.MODALITY_IRIS,
        position=modality_pb2.POSITION_UNKNOWN,
        reference_position=modality_pb2.POSITION_LEFT_EYE,
        status=decision_pb2.EVIDENCE_STATUS_COMPARED,
        comparison=comparison_pb2.Comparison(score=0.8125, llr=4.5, fmr=2e-5, comparator_id="iris-1"),
        quality=77.4,
    )
    finger = decision_pb2.Evidence(
        modality=modality_pb2.MODALITY_FINGERPRINT,
        position=modality_pb2.POSITION_RIGHT_INDEX,
        status=decision_pb2.EVIDENCE_STATUS_PROBE_MISSING,
        missing_reason=modality_pb2.MISSING_REASON_BANDAGED,
    )
    face = decision_pb2.Evidence(
        modality=modality_pb2.MODALITY_FACE,
        position=modality_pb2.POSITION_FACE,
        status=decision_pb2.EVIDENCE_STATUS_SAMPLE_UNUSABLE,
        failure_reason="FACE_NOT_FOUND",
    )
    return decision_pb2.Decision(
        outcome=decision_pb2.OUTCOME_MATCH,
        llr=4.5,
        fpir=0.01,
        match_threshold_llr=3.3,
        review_threshold_llr=1.3,
        reasons=[decision_pb2.DECISION_REASON_STRONG_EVIDENCE, decision_pb2.DECISION_REASON_SAMPLE_UNUSABLE],
        evidence=[eye, finger, face],
    )


NEWER = 12_345
"""An enum value that only a later version may define."""


def test_the_answers_of_a_newer_server_are_shown() -> None:
    """Unknown enum values are shown by number, and an unknown outcome has the exit code of REVIEW."""
    answer = a_decision()
    answer.outcome = NEWER
    answer.reasons.append(NEWER)
    answer.evidence.add(modality=NEWER, position=NEWER, status=NEWER, missing_reason=NEWER)
    report = subjects_pb2.SampleReport(modality=NEWER, position=NEWER)
    report.quality.reasons.append(NEWER)

    shown = " ".join(word for line in rendered(Group(decision(answer, "p1"), reports_table([report]))) for word in line)

    assert 9 == shown.count("12345 (of a newer version)")
    assert REVIEW == exit_code(NEWER)


def test_a_decision_has_a_headline_and_a_row_per_position() -> None:
    """The tables show all evidence, and positions without evidence with their reason."""
    headline, why, _, eye, finger, face, attacks = rendered(decision(a_decision(), "p1"))

    assert headline == ["MATCH", "p1"]
    assert " ".join(why) == (
        "fused LLR +4.50 (MATCH from 3.30, REVIEW from 1.30) at FPIR 0.01; STRONG_EVIDENCE, SAMPLE_UNUSABLE"
    )
    assert eye == ["IRIS", "UNKNOWN", "as", "LEFT_EYE", "COMPARED", "0.812", "+4.50", "2.0e-05", "77", "iris-1"]
    assert finger == ["FINGERPRINT", "RIGHT_INDEX", "PROBE_MISSING:", "BANDAGED", "–", "–", "–", "–"]
    assert face == ["FACE", "FACE", "SAMPLE_UNUSABLE:", "FACE_NOT_FOUND", "–", "–", "–", "–"]
    assert attacks == ["presentation", "attacks:", "NOT_ASSESSED"]


def test_what_is_known_of_presentation_attacks() -> None:
    """A server without the field has not assessed them, and what only a newer one knows is shown beside it."""
    answer = a_decision()
    assert "NOT_ASSESSED" == presentation_attacks(answer)
    answer.evidence[1].presentation_attack = NEWER
    assert "NOT_ASSESSED, 12345 (of a newer version)" == presentation_attacks(answer)


@pytest.mark.parametrize(("name", "expected"), [("MATCH", 0), ("NO_MATCH", 1), ("REVIEW", 2)])
def test_an_outcome_has_an_exit_code(name: str, expected: int) -> None:
    """The exit code is 0 for a match, 1 for no match, 2 for review."""
    outcome = decision_pb2.Outcome.Value(f"OUTCOME_{name}")

    assert expected == EXIT_CODE[outcome]
    assert name == outcome_name(outcome)


def test_candidates_are_listed_by_rank() -> None:
    """Candidates are listed with rank, LLR, probability, outcome and subject."""
    ranked = [decisions_pb2.RankedSubject(subject_id="p7", rank=1, decision=a_decision(), posterior=0.875)]

    assert [
        ["rank", "LLR", "probability", "outcome", "subject"],
        ["1", "+4.50", "87.50%", "MATCH", "p7"],
    ] == rendered(candidates_table(ranked))


def test_an_enrolment_reports_the_quality_of_every_sample() -> None:
    """Each sample is listed with its quality and the reasons that lower it."""
    report = subjects_pb2.SampleReport(
        modality=modality_pb2.MODALITY_FACE,
        position=modality_pb2.POSITION_FACE,
        quality=sample_pb2.Quality(value=41.6, reasons=[sample_pb2.QUALITY_REASON_BLURRED]),
    )

    assert rendered(reports_table([report]))[1] == ["FACE", "FACE", "42", "BLURRED"]


def test_a_subject_is_listed_with_what_is_stored() -> None:
    """References of a position are counted over the encounters."""
    thumb = subjects_pb2.Reference(
        modality=modality_pb2.MODALITY_FINGERPRINT, position=modality_pb2.POSITION_LEFT_THUMB
    )
    eye = subjects_pb2.Reference(modality=modality_pb2.MODALITY_IRIS, position=modality_pb2.POSITION_UNKNOWN)
    encounters = [subjects_pb2.Encounter(references=[thumb, eye]), subjects_pb2.Encounter(references=[thumb])]
    subject = subjects_pb2.Subject(subject_id="p7", galleries=["default", "staff"], encounters=encounters)

    assert ["p7", "default,", "staff", "2", "LEFT_THUMB", "×2,", "IRIS", "UNKNOWN"] == rendered(
        subjects_table([subject])
    )[1]


def test_a_report_without_a_quality_has_a_dash() -> None:
    """A quality that nobody knows is not shown as 0."""
    unknown = subjects_pb2.SampleReport(modality=modality_pb2.MODALITY_FACE, position=modality_pb2.POSITION_FACE)
    assert ["FACE", "FACE", "–"] == rendered(reports_table([unknown]))[1]
