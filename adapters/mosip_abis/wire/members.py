"""Who is in the gallery."""

from __future__ import annotations

from biofusion.fusion.v1 import subjects_pb2

from adapters.wire.fusion import Fusion
from infra.calling.calls import CallFailed

_NOBODY = {"NOT_FOUND", "INVALID_ARGUMENT"}
"""Statuses of a question for what is not there, or by what is no id."""


async def subject_of(fusion: Fusion, reference: str) -> subjects_pb2.Subject | None:
    """Galleries and encounters of a person; None if there is nobody of this id. Raises CallFailed."""
    asked = subjects_pb2.GetSubjectRequest(
        subject_id=reference, view=subjects_pb2.SUBJECT_VIEW_BASIC, consistency_token=fusion.written
    )
    try:
        answer: subjects_pb2.GetSubjectResponse = await fusion.ask(fusion.stubs.subjects.GetSubject, asked)
    except CallFailed as error:
        if error.status not in _NOBODY:
            raise
        return None
    return answer.subject


async def is_member(fusion: Fusion, reference: str, gallery: str) -> bool:
    """Whether somebody of this id is in the gallery. Raises CallFailed."""
    found = await subject_of(fusion, reference)
    return found is not None and gallery in found.galleries


async def size(fusion: Fusion, gallery: str) -> int:
    """How many persons are in the gallery. Raises CallFailed."""
    asked = subjects_pb2.ListSubjectsRequest(gallery=gallery, page_size=1, consistency_token=fusion.written)
    try:
        return int((await fusion.ask(fusion.stubs.subjects.ListSubjects, asked)).total_count)
    except CallFailed as error:
        if error.status not in _NOBODY:
            raise
        return 0  # nobody was ever inserted
