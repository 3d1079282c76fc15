"""Moves, merges and splits: messages → domain objects."""

from __future__ import annotations

from collections.abc import Iterable

from biofusion.fusion.v1 import encounters_pb2, subjects_pb2

from biometrics.errors import FieldInvalid
from fusion.requests.limits import require_few
from gallery.store.life.values import Move
from gallery.store.limits import MAX_ENCOUNTERS, MAX_GALLERIES
from gallery.subject import check_id
from infra.requests.idempotence import check_request_id, digest_of


def merge_from_wire(request: subjects_pb2.MergeSubjectsRequest) -> Move:
    """All encounters of the source go to the target."""
    source_id, target_id = _two(request.source_subject_id, request.target_subject_id, "target_subject_id")
    digest = digest_of([b"merge", source_id.encode(), target_id.encode()])
    return Move(check_request_id(request.request_id), digest, source_id, target_id)


def move_from_wire(request: encounters_pb2.MoveEncounterRequest) -> Move:
    """One encounter goes to a subject that exists."""
    source_id, target_id = _two(request.source_subject_id, request.target_subject_id, "target_subject_id")
    encounter_id = check_id(request.encounter_id, "encounter_id")
    digest = digest_of([b"move", source_id.encode(), encounter_id.encode(), target_id.encode()])
    return Move(check_request_id(request.request_id), digest, source_id, target_id, (encounter_id,))


def split_from_wire(request: subjects_pb2.SplitSubjectRequest) -> Move:
    """Some encounters go to a new subject.

    Raises:
        FieldInvalid: an id has the wrong form, no encounter is named, or too many are.
    """
    source_id, target_id = _two(request.source_subject_id, request.new_subject_id, "new_subject_id")
    require_few("encounter_ids", request.encounter_ids, MAX_ENCOUNTERS)
    require_few("galleries", request.galleries, MAX_GALLERIES)
    if not request.encounter_ids:
        raise FieldInvalid("encounter_ids", "name those that are of another person.")
    ids = _ids(request.encounter_ids, "encounter_ids")
    galleries = _ids(request.galleries, "galleries")
    facts = [source_id, target_id, "/", *ids, "/", *galleries]
    digest = digest_of([b"split", *map(str.encode, facts)])
    return Move(check_request_id(request.request_id), digest, source_id, target_id, ids, galleries, create_target=True)


def _two(source_id: str, target_id: str, target_field: str) -> tuple[str, str]:
    """The ids of two subjects.

    Raises:
        FieldInvalid: one has the wrong form, or both are the same.
    """
    check_id(source_id, "source_subject_id")
    check_id(target_id, target_field)
    if source_id == target_id:
        raise FieldInvalid(target_field, "it is the source itself. Name two subjects.")
    return source_id, target_id


def _ids(values: Iterable[str], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check_id(each, f"{field}[{number}]") for number, each in enumerate(values)))
