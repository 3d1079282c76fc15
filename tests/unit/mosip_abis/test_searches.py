"""Searches of a gallery, by a fusion service that is played."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2

from adapters.mosip_abis.failures import Later
from adapters.mosip_abis.requests import IDENTIFY, Request
from adapters.mosip_abis.wire.searches import Searches

FOUND, LISTED = "somebody", "another"
METHODS = ("CheckDuplicates", "GetSubject", "ListSubjects")


class Fusion:
    """Finds one person, for these reasons; everybody is in the gallery."""

    def __init__(self, *reasons: decision_pb2.DecisionReason.ValueType) -> None:
        methods = SimpleNamespace(**{each: each for each in METHODS})
        self.stubs = SimpleNamespace(decisions=methods, subjects=methods)
        self.written = ""
        self._decision = decision_pb2.Decision(outcome=decision_pb2.OUTCOME_REVIEW, reasons=reasons)

    async def ask(self, method: str, request: Any, **_more: str) -> Any:
        """Answer a call."""
        if method == "GetSubject":
            return subjects_pb2.GetSubjectResponse(
                subject=subjects_pb2.Subject(subject_id=request.subject_id, galleries=["people"])
            )
        if method == "ListSubjects":
            return subjects_pb2.ListSubjectsResponse(total_count=100)
        found = decisions_pb2.RankedSubject(subject_id=FOUND, decision=self._decision)
        return decisions_pb2.CheckDuplicatesResponse(decision=self._decision, candidates=[found])


async def candidates(fusion: Fusion, *within: str) -> list[str]:
    """Who is found for somebody among those of a list."""
    searches = Searches(fusion, None, "people", 0.01)  # type: ignore[arg-type]  # played; nothing is fetched
    answer = await searches.identify(Request(IDENTIFY, "r-1", "p-1", within=frozenset(within)))
    return [each["referenceId"] for each in answer["candidateList"]["candidates"]]


@pytest.mark.parametrize(
    "reason", [decision_pb2.DECISION_REASON_SERVICE_UNAVAILABLE, decision_pb2.DECISION_REASON_SEARCH_INCOMPLETE]
)
async def test_a_part_that_was_not_searched(reason: decision_pb2.DecisionReason.ValueType) -> None:
    """Who was found is told; that nobody of a list was, is not: the part that is missing might have found one."""
    assert [FOUND] == await candidates(Fusion(reason))
    assert [FOUND] == await candidates(Fusion(reason), FOUND)
    with pytest.raises(Later):
        await candidates(Fusion(reason), LISTED)


async def test_a_search_of_everything(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody of a list is told of, without a warning, if somebody else was found."""
    assert [] == await candidates(Fusion(), LISTED)
    assert "" == caplog.text
