"""Moving encounters, merging and splitting subjects on a real server."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from biofusion.fusion.v1 import encounters_pb2, subjects_pb2

from tests.service.fusion.requests import EXISTS, Stub, enrolment, eye, fields_named, refused, someone
from tests.service.life.requests import encounters, galleries, person, repeated, rid, whom

NOT_FOUND = grpc.StatusCode.NOT_FOUND
Move, Merge, Split = (
    encounters_pb2.MoveEncounterRequest,
    subjects_pb2.MergeSubjectsRequest,
    subjects_pb2.SplitSubjectRequest,
)


def is_gone(stub: Stub, subject_id: str) -> bool:
    """Whether there is no such subject any more."""
    return refused(stub.subjects.GetSubject, subjects_pb2.GetSubjectRequest(subject_id=subject_id))[0] == NOT_FOUND


def test_an_encounter_is_moved(fusion: Stub) -> None:
    """It is found under the other subject; whom the last one is moved away from is erased."""
    gallery = someone()
    one, other = person(fusion, 61, gallery, "a", "b"), person(fusion, 62, gallery, "c")
    ids = {"source_subject_id": one, "target_subject_id": other}
    done, _ = repeated(fusion.encounters.MoveEncounter, Move(request_id=rid(), encounter_id="a", **ids))
    assert (["b"], ["a", "c"]) == (list(encounters(fusion, one)), sorted(encounters(fusion, other)))
    done, _ = repeated(fusion.encounters.MoveEncounter, Move(request_id=rid(), encounter_id="b", **ids))
    assert (True, other) == (is_gone(fusion, one), whom(fusion, 61, gallery, done.consistency_token))


def test_subjects_are_merged(fusion: Stub) -> None:
    """All encounters are of the one that remains, in the galleries of both; the other is erased."""
    here, there = someone(), someone()
    target, source = person(fusion, 63, here, "a"), person(fusion, 64, there, "b", "c")
    request = Merge(request_id=rid(), target_subject_id=target, source_subject_id=source)
    done, _ = repeated(fusion.subjects.MergeSubjects, request)
    assert (["a", "b", "c"], sorted((here, there))) == (
        sorted(encounters(fusion, target)),
        sorted(galleries(fusion, target)),
    )
    assert is_gone(fusion, source)
    token = done.consistency_token
    assert [target] * 2 == [whom(fusion, 64, gallery, token) for gallery in (here, there)]


def test_a_subject_is_split(fusion: Stub) -> None:
    """The named encounters are of the new subject, in the source's galleries or in the stated ones."""
    gallery, other = someone(), someone()
    source = person(fusion, 65, gallery, "a", "b", "c")
    new, third = someone(), someone()
    request = Split(request_id=rid(), source_subject_id=source, encounter_ids=["b"], new_subject_id=new)
    repeated(fusion.subjects.SplitSubject, request)
    assert (["a", "c"], ["b"]) == (sorted(encounters(fusion, source)), list(encounters(fusion, new)))
    assert [gallery] == galleries(fusion, new)
    elsewhere = Split(
        request_id=rid(), source_subject_id=source, encounter_ids=["a"], new_subject_id=third, galleries=[other]
    )
    done, _ = repeated(fusion.subjects.SplitSubject, elsewhere)
    assert ([other], third) == (galleries(fusion, third), whom(fusion, 65, other, done.consistency_token))


def test_a_split_needs_some_but_not_all_encounters(fusion: Stub) -> None:
    """None, all, and one that is not there are refused; nothing is changed."""
    source = person(fusion, 66, "", "a", "b")
    call, ids = fusion.subjects.SplitSubject, {"source_subject_id": source, "new_subject_id": someone()}
    assert ["encounter_ids"] == fields_named(call, Split(request_id=rid(), **ids))
    for every in (["a", "b"], ["b", "a", "b"]):
        assert ["encounter_ids"] == fields_named(call, Split(request_id=rid(), encounter_ids=every, **ids))
    assert (NOT_FOUND, "ENCOUNTER_NOT_FOUND") == refused(call, Split(request_id=rid(), encounter_ids=["a", "x"], **ids))
    assert ["encounter_ids[1]"] == fields_named(call, Split(request_id=rid(), encounter_ids=["a", "no id"], **ids))
    assert ["a", "b"] == sorted(encounters(fusion, source))
    assert is_gone(fusion, ids["new_subject_id"])


def test_a_split_into_somebody_who_exists(fusion: Stub) -> None:
    """The new subject must be new; one who exists is a matter of moving."""
    source, there = person(fusion, 67, "", "a", "b"), person(fusion, 68)
    request = Split(request_id=rid(), source_subject_id=source, encounter_ids=["a"], new_subject_id=there)
    assert (EXISTS, "SUBJECT_EXISTS") == refused(fusion.subjects.SplitSubject, request)


def test_encounters_of_one_id(fusion: Stub) -> None:
    """Neither a move nor a merge may hide one encounter behind another."""
    one, other = person(fusion, 69, "", "a", "b"), person(fusion, 70, "", "a")
    merge = Merge(request_id=rid(), target_subject_id=one, source_subject_id=other)
    assert (EXISTS, "ENCOUNTER_EXISTS") == refused(fusion.subjects.MergeSubjects, merge)
    move = Move(request_id=rid(), source_subject_id=other, encounter_id="a", target_subject_id=one)
    assert (EXISTS, "ENCOUNTER_EXISTS") == refused(fusion.encounters.MoveEncounter, move)
    assert (["a", "b"], ["a"]) == (sorted(encounters(fusion, one)), list(encounters(fusion, other)))


def calls(one: str, other: str, encounter_id: str, request_id: str) -> dict[str, tuple[str, Any]]:
    """A move, a merge and a split of these subjects: the service, and the request."""
    names = {"request_id": request_id, "source_subject_id": one}
    return {
        "MoveEncounter": ("encounters", Move(**names, target_subject_id=other, encounter_id=encounter_id)),
        "MergeSubjects": ("subjects", Merge(**names, target_subject_id=other)),
        "SplitSubject": ("subjects", Split(**names, new_subject_id=other, encounter_ids=[encounter_id])),
    }


@pytest.mark.parametrize("name", ["MoveEncounter", "MergeSubjects", "SplitSubject"])
def test_what_all_of_them_refuse(fusion: Stub, name: str) -> None:
    """A stranger, the same subject twice, bad ids, and the request id of another call."""
    one, other = person(fusion, 71, "", "a", "b"), person(fusion, 72, "", "c")

    def attempt(source: str, target: str, request_id: str = "") -> tuple[Any, Any]:
        service, request = calls(source, target, "a", request_id or rid())[name]
        return getattr(getattr(fusion, service), name), request

    new = someone() if name == "SplitSubject" else other
    assert (NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(*attempt(someone(), new))
    if name != "SplitSubject":
        assert (NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(*attempt(one, someone()))
    target = "new_subject_id" if name == "SplitSubject" else "target_subject_id"
    assert [target] == fields_named(*attempt(one, one))
    assert [target] == fields_named(*attempt(one, "no id"))
    assert ["source_subject_id"] == fields_named(*attempt("no id", new))
    assert ["request_id"] == fields_named(*attempt(one, new, "1"))
    used = enrolment(one, eye(72, 1), add_encounter=True, encounter_id="d")
    fusion.subjects.EnrollSubject(used, timeout=60)
    assert (EXISTS, "REQUEST_ID_REUSED") == refused(*attempt(one, new, used.request_id))
    assert (["a", "b", "d"], ["c"]) == (sorted(encounters(fusion, one)), list(encounters(fusion, other)))
