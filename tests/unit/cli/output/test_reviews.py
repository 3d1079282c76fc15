"""Review cases on the terminal."""

from __future__ import annotations

from biofusion.fusion.v1 import decisions_pb2

from cli.output.reviews import review_cases


def test_a_case_is_named_or_why_there_is_none() -> None:
    """Each answer with a case has a line, and each that should have one; others have none."""
    answers = [
        decisions_pb2.VerifySubjectResponse(review_case="reviewCases/1"),
        decisions_pb2.RankedSubject(review_case_failure="UNAVAILABLE"),
        decisions_pb2.RankedSubject(),
    ]
    expected = ["  review case: reviewCases/1", "  review case: none could be opened (UNAVAILABLE)"]
    assert expected == [each.plain for each in review_cases(answers)]
