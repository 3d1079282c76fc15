"""Joining, leaving and listing galleries, and aliases that stand for them, on a real server."""

from __future__ import annotations

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, galleries_pb2, subjects_pb2

from tests.service.fusion.requests import EXISTS, Stub, enrolment, eye, fields_named, refused, someone
from tests.service.life.requests import galleries, person, repeated, rid, whom

NOT_FOUND = grpc.StatusCode.NOT_FOUND
Join, Leave = galleries_pb2.JoinGalleriesRequest, galleries_pb2.LeaveGalleriesRequest
Alias, Unalias = galleries_pb2.SetGalleryAliasRequest, galleries_pb2.DeleteGalleryAliasRequest


def alias(stub: Stub, name: str, gallery: str) -> galleries_pb2.SetGalleryAliasResponse:
    """Let an alias stand for a gallery."""
    return stub.galleries.SetGalleryAlias(Alias(request_id=rid(), alias=name, gallery=gallery))


def listed(stub: Stub) -> tuple[dict[str, int], dict[str, str]]:
    """The size of each gallery, and the gallery of each alias."""
    answer = stub.galleries.ListGalleries(galleries_pb2.ListGalleriesRequest())
    names = [each.gallery for each in answer.galleries]
    assert sorted(names) == names
    sizes = {each.gallery: each.subject_count for each in answer.galleries}
    return sizes, {each.alias: each.gallery for each in answer.aliases}


def test_a_subject_joins_and_leaves(fusion: Stub) -> None:
    """It is found in galleries that it joined, and not in those that it left; sizes follow."""
    first, second = someone(), someone()
    subject = person(fusion, 80, first)
    join = Join(request_id=rid(), subject_id=subject, galleries=[second, first])
    done, _ = repeated(fusion.galleries.JoinGalleries, join)
    assert subject == whom(fusion, 80, second, done.consistency_token)
    assert (1, 1) == (listed(fusion)[0][first], listed(fusion)[0][second])
    leave = Leave(request_id=rid(), subject_id=subject, galleries=[first])
    done, _ = repeated(fusion.galleries.LeaveGalleries, leave)
    assert ([second], "") == (galleries(fusion, subject), whom(fusion, 80, first, done.consistency_token))
    assert 0 == listed(fusion)[0].get(first, 0)


def test_the_last_gallery_is_not_left(fusion: Stub) -> None:
    """A subject in no gallery would be found by nobody: it is deleted instead."""
    only = someone()
    subject = person(fusion, 81, only)
    leave = Leave(request_id=rid(), subject_id=subject, galleries=[only])
    assert (grpc.StatusCode.FAILED_PRECONDITION, "LAST_GALLERY") == refused(fusion.galleries.LeaveGalleries, leave)
    assert [only] == galleries(fusion, subject)


@pytest.mark.parametrize("name", ["JoinGalleries", "LeaveGalleries"])
def test_what_both_refuse(fusion: Stub, name: str) -> None:
    """A stranger, no gallery, bad names and ids, too many, and the request id of another call."""
    subject = person(fusion, 82, "a-gallery")
    call = getattr(fusion.galleries, name)
    request = Join if name == "JoinGalleries" else Leave
    good = {"request_id": rid(), "subject_id": subject, "galleries": ["x"]}
    assert (NOT_FOUND, "SUBJECT_NOT_FOUND") == refused(call, request(**good | {"subject_id": someone()}))
    assert ["galleries"] == fields_named(call, request(**good | {"galleries": []}))
    assert ["galleries[1]"] == fields_named(call, request(**good | {"galleries": ["x", "no id"]}))
    assert ["galleries"] == fields_named(call, request(**good | {"galleries": [f"g{n}" for n in range(65)]}))
    assert ["request_id"] == fields_named(call, request(**good | {"request_id": "1"}))
    used = enrolment(subject, eye(82, 1), add_encounter=True)
    fusion.subjects.EnrollSubject(used, timeout=60)
    assert (EXISTS, "REQUEST_ID_REUSED") == refused(call, request(**good | {"request_id": used.request_id}))


def test_a_subject_of_too_many_galleries(fusion: Stub) -> None:
    """64 are the most, however they are joined."""
    subject = person(fusion, 83, someone())
    many = [f"g{number}" for number in range(64)]
    join = Join(request_id=rid(), subject_id=subject, galleries=many)
    assert (grpc.StatusCode.FAILED_PRECONDITION, "SUBJECT_FULL") == refused(fusion.galleries.JoinGalleries, join)
    fusion.galleries.JoinGalleries(Join(request_id=rid(), subject_id=subject, galleries=many[:63]))
    assert 64 == len(galleries(fusion, subject))


def test_an_alias_is_switched_and_switched_back(fusion: Stub) -> None:
    """Searches by the alias see the gallery that it stands for now; the answer says for which it stood before."""
    old, new, live = someone(), someone(), someone()
    here, there = person(fusion, 84, old), person(fusion, 85, new)
    request = Alias(request_id=rid(), alias=live, gallery=old)
    first, again = repeated(fusion.galleries.SetGalleryAlias, request)
    assert ("", "") == (first.previous_gallery, again.previous_gallery)
    assert (here, "") == (whom(fusion, 84, live), whom(fusion, 85, live))
    assert old == alias(fusion, live, new).previous_gallery
    assert ("", there) == (whom(fusion, 84, live), whom(fusion, 85, live))
    assert new == listed(fusion)[1][live]
    assert new == alias(fusion, live, old).previous_gallery
    assert (here, "") == (whom(fusion, 84, live), whom(fusion, 85, live))


def test_another_replica_follows_within_a_second(either: Stub, fusion: Stub) -> None:
    """A service that did not switch the alias itself sees the switch, at the latest after a second."""
    old, new, live = someone(), someone(), someone()
    here, there = person(fusion, 86, old), person(fusion, 86, new)
    alias(fusion, live, old)
    assert here == eventually(either, live, here)
    alias(fusion, live, new)
    assert there == eventually(either, live, there)


def eventually(stub: Stub, gallery: str, expected: str) -> str:
    """Whom a search finds: asked again and again, at most 100 times, until it is the expected one."""
    found = ""
    for _ in range(100):
        try:
            found = whom(stub, 86, gallery)
        except grpc.RpcError:
            continue
        if found == expected:
            break
    return found


def test_everything_takes_an_alias_for_its_gallery(fusion: Stub) -> None:
    """Enrolment, its duplicate check, joining, listing and duplicate checks go to the gallery behind the alias."""
    gallery, live = someone(), someone()
    subject = person(fusion, 87, gallery)
    alias(fusion, live, gallery)
    check = decisions_pb2.CheckDuplicatesRequest(samples=[eye(87, 3)], gallery=live)
    found = fusion.decisions.CheckDuplicates(check, timeout=60)
    assert [subject] == [each.subject_id for each in found.candidates]
    twin = enrolment(someone(), eye(87, 2), galleries=[live], on_duplicate=subjects_pb2.ON_DUPLICATE_REFUSE)
    assert (EXISTS, "DUPLICATE_FOUND") == refused(fusion.subjects.EnrollSubject, twin)
    other = enrolment(someone(), eye(88, 0), galleries=[live])
    fusion.subjects.EnrollSubject(other, timeout=60)
    assert [gallery] == galleries(fusion, other.subject_id)
    third = person(fusion, 89, someone())
    fusion.galleries.JoinGalleries(Join(request_id=rid(), subject_id=third, galleries=[live]))
    assert gallery in galleries(fusion, third)
    page = fusion.subjects.ListSubjects(subjects_pb2.ListSubjectsRequest(gallery=live))
    assert (3, {subject, other.subject_id, third}) == (page.total_count, {each.subject_id for each in page.subjects})
    fusion.galleries.LeaveGalleries(Leave(request_id=rid(), subject_id=third, galleries=[live]))
    assert gallery not in galleries(fusion, third)


def test_a_check_through_an_alias_after_its_switch(fusion: Stub) -> None:
    """An enrolment through the alias is checked in the gallery that it stands for now."""
    old, new, live = someone(), someone(), someone()
    person(fusion, 90, old)
    person(fusion, 91, new)
    alias(fusion, live, old)
    refuse = {"galleries": [live], "on_duplicate": subjects_pb2.ON_DUPLICATE_REFUSE}
    assert (EXISTS, "DUPLICATE_FOUND") == refused(
        fusion.subjects.EnrollSubject, enrolment(someone(), eye(90, 2), **refuse)
    )
    alias(fusion, live, new)
    allowed = enrolment(someone(), eye(90, 2), **refuse)
    fusion.subjects.EnrollSubject(allowed, timeout=60)
    assert [new] == galleries(fusion, allowed.subject_id)


def test_an_alias_that_cannot_be(fusion: Stub) -> None:
    """A gallery with subjects, an alias of an alias, a gallery that is not there, and bad names are refused."""
    gallery, live = someone(), someone()
    person(fusion, 92, gallery)
    alias(fusion, live, gallery)
    call = fusion.galleries.SetGalleryAlias
    taken = someone()
    person(fusion, 94, taken)
    assert (EXISTS, "GALLERY_EXISTS") == refused(call, Alias(request_id=rid(), alias=taken, gallery="default"))
    chain = Alias(request_id=rid(), alias=gallery, gallery="default")
    assert grpc.StatusCode.INVALID_ARGUMENT == refused(call, chain)[0]
    assert grpc.StatusCode.INVALID_ARGUMENT == refused(call, Alias(request_id=rid(), alias=someone(), gallery=live))[0]
    stranger = Alias(request_id=rid(), alias=someone(), gallery=someone())
    assert (NOT_FOUND, "GALLERY_NOT_FOUND") == refused(call, stranger)
    assert ["alias"] == fields_named(call, Alias(request_id=rid(), alias="no id", gallery=gallery))
    assert ["gallery"] == fields_named(call, Alias(request_id=rid(), alias=live, gallery=""))
    assert ["request_id"] == fields_named(call, Alias(request_id="1", alias=live, gallery=gallery))


def test_an_alias_is_removed(fusion: Stub) -> None:
    """The answer says for which gallery it stood; then it is no gallery any more, and cannot be removed again."""
    gallery, live = someone(), someone()
    person(fusion, 93, gallery)
    alias(fusion, live, gallery)
    first, again = repeated(fusion.galleries.DeleteGalleryAlias, Unalias(request_id=rid(), alias=live))
    assert (gallery, "") == (first.gallery, again.gallery)
    assert live not in listed(fusion)[1]
    search = decisions_pb2.IdentifySubjectsRequest(samples=[eye(93, 1)], gallery=live)
    assert (NOT_FOUND, "GALLERY_NOT_FOUND") == refused(fusion.decisions.IdentifySubjects, search)
    call = fusion.galleries.DeleteGalleryAlias
    assert (NOT_FOUND, "ALIAS_NOT_FOUND") == refused(call, Unalias(request_id=rid(), alias=live))
    assert ["request_id"] == fields_named(call, Unalias(request_id="1", alias=live))
