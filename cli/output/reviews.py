"""Review cases of decisions, as lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterable

from biofusion.fusion.v1 import decisions_pb2
from rich.text import Text


def review_cases(answers: Iterable[decisions_pb2.VerifySubjectResponse | decisions_pb2.RankedSubject]) -> list[Text]:
    """A line for each case that was opened, or could not be."""
    told = [each.review_case or _failure(each.review_case_failure) for each in answers]
    return [Text(f"  review case: {each}") for each in told if each]


def _failure(reason: str) -> str:
    return f"none could be opened ({reason})" if reason else ""
