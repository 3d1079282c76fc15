"""Every operation of MOSIP's interface, by messages over a real broker to the real services."""

from __future__ import annotations

import pytest

from biometrics.template import Modality, Position
from tests.service.mosip_abis.conftest import Inserted
from tests.support.mosip_abis.partner import Message, Partner, failed, found, insertion, new_id, request, search
from tests.support.mosip_abis.people import document, eye, face, finger, person
from tests.support.mosip_abis.share import Share

FLAGS = {"maxResults": "10", "targetFPIR": "30"}


def test_a_duplicate_is_found(partner: Partner, inserted: Inserted) -> None:
    """Who was inserted is found by who is inserted later, is never a candidate of himself, and others are not found."""
    first, second, other = inserted(101), inserted(101, 1), inserted(102)
    assert [first] == found(partner.identify(second))
    assert [second] == found(partner.identify(first))
    assert [] == found(partner.identify(other))


def test_what_a_candidate_says(partner: Partner, inserted: Inserted) -> None:
    """The outcome, the confidence and the score stand in each candidate and each of its modalities, as strings."""
    first, second = inserted(103), inserted(103, 1)
    (candidate,) = partner.identify(second)["candidateList"]["candidates"]
    assert (first, "MATCH") == (candidate["referenceId"], candidate["analytics"]["outcome"])
    (modality,) = candidate["modalities"]
    assert "IIR" == modality["biometricType"]
    for analytics in (candidate["analytics"], modality["analytics"]):
        assert {str} == {type(value) for value in analytics.values()}
        assert 0.0 <= float(analytics["confidence"]) <= 100.0
        float(analytics["internalScore"])


def test_all_modalities(partner: Partner, shared: Share) -> None:
    """Face, fingers and eyes of a document are enrolled, what is missing in it is no failure, and all are told of."""
    missing = ((Modality.FINGERPRINT, Position.LEFT_THUMB),)
    first, second = new_id(), new_id()
    for name, capture in ((first, 0), (second, 1)):
        blocks = face(), finger(1 + capture), eye(104, capture), eye(105, capture, Position.RIGHT_EYE)
        assert "1" == partner.insert(name, shared.put(document(*blocks, missing=missing)))["returnValue"]
    (candidate,) = [
        each for each in partner.identify(second)["candidateList"]["candidates"] if each["referenceId"] == first
    ]
    assert {"FID", "FIR", "IIR"} == {each["biometricType"] for each in candidate["modalities"]}
    for name in (first, second):
        assert "1" == partner.ask(request("delete", referenceId=name))["returnValue"]


def test_a_gallery(partner: Partner, inserted: Inserted) -> None:
    """A search goes among the ids of the gallery alone; an empty gallery means all; unknown ids are failure 12."""
    first, second, probe, other = inserted(106), inserted(106, 1), inserted(106, 2), inserted(107)
    assert {first, second} == set(found(partner.identify(probe)))
    assert {first, second} == set(found(partner.identify(probe, [])))
    assert [second] == found(partner.identify(probe, [second, other]))
    assert [] == found(partner.identify(probe, [other]))
    assert [] == found(partner.identify(probe, [probe]))
    assert "12" == failed(partner.identify(probe, [new_id()]))


def test_limits_of_a_search(partner: Partner, inserted: Inserted) -> None:
    """The flags bound the number of candidates and the rate of false ones; they come as strings or numbers."""
    first, second, probe = inserted(108), inserted(108, 1), inserted(108, 2)
    both = {first, second}
    for most in ("1", 1):
        (only,) = found(partner.identify(probe, flags={**FLAGS, "maxResults": most}))
        assert only in both
    for rate in ("30", 30, "1"):
        assert both == set(found(partner.identify(probe, flags={**FLAGS, "targetFPIR": rate})))
    assert [] == found(partner.identify(probe, flags={**FLAGS, "targetFPIR": "90"}))
    assert both == set(found(partner.identify(probe, flags={})))
    assert both == set(found(partner.identify(probe, flags=None)))


def test_who_needs_a_review(partner: Partner, inserted: Inserted) -> None:
    """A search whose rate demands a little more than a candidate has tells of it too, as REVIEW."""
    first, probe = inserted(117), inserted(117, 1)
    (matched,) = partner.identify(probe)["candidateList"]["candidates"]
    missing = float(matched["analytics"]["internalScore"]) - float(matched["analytics"]["matchThreshold"]) + 1
    flags = {**FLAGS, "targetFPIR": str(30 + round(10 * missing))}
    (reviewed,) = partner.identify(probe, flags=flags)["candidateList"]["candidates"]
    assert ("MATCH", "REVIEW") == (matched["analytics"]["outcome"], reviewed["analytics"]["outcome"])
    assert {first} == {matched["referenceId"], reviewed["referenceId"]}


def test_a_search_by_address(partner: Partner, shared: Share, inserted: Inserted) -> None:
    """Who is not inserted is searched for by what is shared, under both names of the field, and is not kept."""
    first = inserted(109)
    for field in ("referenceURL", "referenceUrl"):
        probe = new_id()
        assert [first] == found(partner.identify(probe, **{field: shared.put(person(109, 1))}))
        assert "12" == failed(partner.identify(probe))
    assert [] == found(partner.identify(new_id(), referenceURL=shared.put(person(110))))


def test_the_address_of_who_is_inserted_is_not_asked(partner: Partner, shared: Share, inserted: Inserted) -> None:
    """A search for an inserted id takes what was inserted, whatever its address leads to."""
    first, probe = inserted(111), inserted(111, 1)
    before = len(shared.fetched)
    assert [first] == found(partner.identify(probe, referenceURL=shared.url("not there")))
    assert before == len(shared.fetched)


def test_deletion(partner: Partner, inserted: Inserted) -> None:
    """Who is deleted is found no more and unknown; the id can be used again."""
    first, probe = inserted(112), inserted(112, 1)
    assert "1" == partner.ask(request("delete", referenceId=first))["returnValue"]
    assert [] == found(partner.identify(probe))
    assert "12" == failed(partner.identify(first))
    assert "12" == failed(partner.ask(request("delete", referenceId=first)))
    assert "12" == failed(partner.ask(request("delete", referenceId=new_id())))


def test_ping_and_counts(partner: Partner, inserted: Inserted) -> None:
    """A ping is answered; counts are strings; one who is inserted counts, and one who is deleted no longer."""

    def count() -> int:
        return int(partner.ask(request("referenceCount"))["count"])

    assert "1" == partner.ask(request("ping"))["returnValue"]
    assert "0" == partner.ask(request("pendingJobs"))["jobscount"]
    before = count()
    first = inserted(113)
    assert before + 1 == count()
    partner.ask(request("delete", referenceId=first))
    assert before == count()


@pytest.mark.parametrize("as_text", [True, False])
def test_answers_come_in_kind(partner: Partner, shared: Share, *, as_text: bool) -> None:
    """A text is answered with a text, and bytes with bytes, of every operation and of failures."""
    name = new_id()
    messages: list[Message] = [
        *(request(each) for each in ("ping", "pendingJobs", "referenceCount")),
        insertion(name, shared.put(person(114 + as_text))),
        search(name),
        search(new_id()),
        request("delete", referenceId=name),
    ]
    for each in messages:
        partner.ask(each, as_text=as_text)
    assert {as_text} == {frame.is_text for frame in partner.frames}
    assert {"true"} == {frame.headers.get("persistent") for frame in partner.frames}


def test_capitals_of_ids(partner: Partner, shared: Share, inserted: Inserted) -> None:
    """An id is the same in capitals and in small letters, in which it is told, as the processor knows it."""
    first, second, other = new_id(), new_id(), inserted(117)
    for name, capture in ((first, 0), (second, 1)):
        assert "1" == partner.insert(name.upper(), shared.put(person(116, capture)))["returnValue"]
        assert "10" == failed(partner.insert(name, shared.put(person(116, capture))))
    for probe in (second, second.upper()):
        assert [first] == found(partner.identify(probe))
        for listed in (first, first.upper()):
            assert [first] == found(partner.identify(probe, [listed]))
            assert [] == found(partner.identify(other, [listed]))
    assert "1" == partner.ask(request("delete", referenceId=first.upper()))["returnValue"]
    assert [] == found(partner.identify(second))


def test_what_is_being_done(partner: Partner, shared: Share, inserted: Inserted) -> None:
    """Insertions that wait for the share are pending; a search that comes after one finds whom that inserts."""
    probe, second = inserted(118), new_id()
    url = shared.put(person(118, 1))
    shared.opened.clear()
    try:
        insertions = [partner.send(insertion(each, url)) for each in (second, new_id())]
        assert "2" == partner.ask(request("pendingJobs"))["jobscount"]
        searching = partner.send(search(probe))
    finally:
        shared.opened.set()
    answers = partner.collect([*insertions, searching])
    assert second in found(answers[searching])
    assert "0" == partner.ask(request("pendingJobs"))["jobscount"]


def test_a_ping_while_inserts_wait(partner: Partner, shared: Share, inserted: Inserted) -> None:
    """What needs no share is answered at once, also when far more inserts wait for it than are worked on at once."""
    name, url = inserted(119), shared.put(b"no XML")
    shared.opened.clear()
    try:
        insertions = [partner.send(insertion(new_id(), url)) for _ in range(40)]
        assert "1" == partner.ask(request("ping"))["returnValue"]
        assert "1" == partner.ask(request("delete", referenceId=name))["returnValue"]
        assert "40" == partner.ask(request("pendingJobs"))["jobscount"]
    finally:
        shared.opened.set()
    assert {"16"} == {failed(each) for each in partner.collect(insertions).values()}


def test_many_at_once(partner: Partner, shared: Share) -> None:
    """Requests that are sent without waiting are all answered, each once."""
    names = [partner.send(insertion(new_id(), shared.put(person(120 + number)))) for number in range(8)]
    names += [partner.send(request("ping")) for _ in range(8)]
    answers = partner.collect(names)
    assert {"1"} == {answer["returnValue"] for answer in answers.values()}
    assert len(names) == len(partner.frames)
