"""Enrolling and identifying from the page that tries it out."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2, sample_pb2

from console.people.person import Person
from console.values.operators import Tried
from console.wire.calls import Calls
from console.wire.names import name

POSITIONS = tuple(
    each.removeprefix("POSITION_")
    for each in dict(modality_pb2.Position.items())
    if each not in {"POSITION_UNSPECIFIED", "POSITION_UNKNOWN"}
)
"""What a sample can be of: the face, fingers, eyes."""


class Trials:
    """Enrolments and identifications by hand. All methods raise CallFailed.

    Args:
        calls: to the services.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def enrol(self, person: Person, subject_id: str, samples: Sequence[tuple[str, bytes]]) -> Tried:
        """Enrol a new subject from pictures, each with its position."""
        request = subjects_pb2.EnrollSubjectRequest(
            request_id=str(uuid.uuid4()), subject_id=subject_id, samples=[_sample(*each) for each in samples]
        )
        await self._calls.ask(self._calls.fusion.subjects.EnrollSubject, request, person)
        return Tried("ENROLLED", (), (), 0)

    async def identify(self, person: Person, samples: Sequence[tuple[str, bytes]]) -> Tried:
        """Decide who of the default gallery pictures are of."""
        request = decisions_pb2.IdentifySubjectsRequest(samples=[_sample(*each) for each in samples])
        answer = await self._calls.ask(self._calls.fusion.decisions.IdentifySubjects, request, person)
        candidates = tuple(
            (each.subject_id, name(decision_pb2.Outcome, each.decision.outcome), each.decision.llr)
            for each in answer.candidates
        )
        reasons = tuple(name(decision_pb2.DecisionReason, each) for each in answer.decision.reasons)
        outcome = name(decision_pb2.Outcome, answer.decision.outcome)
        return Tried(outcome, reasons, candidates, answer.searched_subject_count)


def _sample(position: str, data: bytes) -> sample_pb2.Sample:
    kind = "FACE" if position == "FACE" else "IRIS" if position.endswith("EYE") else "FINGERPRINT"
    return sample_pb2.Sample(
        modality=modality_pb2.Modality.Value(f"MODALITY_{kind}"),
        position=modality_pb2.Position.Value(f"POSITION_{position}"),
        image=sample_pb2.Image(data=data),
    )
