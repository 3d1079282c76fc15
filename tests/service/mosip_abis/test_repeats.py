"""A request that comes again is answered as before, also after the adapter was ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.service.mosip_abis.conftest import Inserted
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.adapter import running_abis
from tests.support.mosip_abis.broker import Broker
from tests.support.mosip_abis.partner import Partner, failed, found, insertion, new_id, request, search, untimed
from tests.support.mosip_abis.people import MARK, person
from tests.support.mosip_abis.share import UNKNOWN, Share


def test_an_insertion_again(partner: Partner, shared: Share) -> None:
    """It is answered the same without being done again, though what it refers to is there no more."""
    name, url = new_id(), shared.put(person(141))
    asked = insertion(name, url)
    first = partner.ask(asked)
    shared.files.clear()
    before = len(shared.fetched)
    assert untimed(first) == untimed(partner.ask(asked))
    assert before == len(shared.fetched)
    assert "10" == failed(partner.insert(name, shared.put(person(141))))


def test_a_refusal_again(partner: Partner, shared: Share) -> None:
    """A refusal is answered the same; what could not be fetched is tried anew."""
    name = new_id()
    refused = insertion(name, shared.put(b"no XML"))
    first = partner.ask(refused)
    assert untimed(first) == untimed(partner.ask(refused))
    url = shared.fail(UNKNOWN)
    asked = insertion(name, url)
    assert "7" == failed(partner.ask(asked))
    shared.files[url.rpartition("/")[2]] = person(142)
    assert "1" == partner.ask(asked)["returnValue"]


def test_a_search_and_a_deletion_again(partner: Partner, inserted: Inserted) -> None:
    """They are answered the same though others were inserted since, and nothing is deleted twice."""
    first, probe = inserted(143), inserted(143, 1)
    asked = search(probe)
    answer = partner.ask(asked)
    assert [first] == found(answer)
    third = inserted(143, 2)
    assert untimed(answer) == untimed(partner.ask(asked))
    assert {first, third} == set(found(partner.identify(probe)))
    deletion = request("delete", referenceId=third)
    gone = partner.ask(deletion)
    assert untimed(gone) == untimed(partner.ask(deletion))
    assert "1" == gone["returnValue"]


def test_the_id_of_another_request(partner: Partner, shared: Share) -> None:
    """A request with the requestId of another one of its kind is refused, and not answered with the other's outcome."""
    asked = insertion(new_id(), shared.put(person(144)))
    partner.ask(asked)
    other = insertion(new_id(), asked["referenceURL"], requestId=asked["requestId"])
    assert "4" == failed(partner.ask(other))
    assert "12" == failed(partner.identify(other["referenceId"]))


def test_twice_at_once(partner: Partner, shared: Share) -> None:
    """Of two equal requests sent at once both have the same answer, and one id is inserted by one of two requests."""
    same = insertion(new_id(), shared.put(person(146)))
    for _ in range(2):
        partner.send(same)
    answers = [untimed(partner.receive()) for _ in range(2)]
    assert answers[0] == answers[1]
    assert "1" == answers[0]["returnValue"]
    name, url = new_id(), shared.put(person(147))
    two = partner.collect([partner.send(insertion(name, url)) for _ in range(2)])
    assert ["1", "2"] == sorted(each["returnValue"] for each in two.values())
    assert {"10", None} == {each.get("failureReason") for each in two.values()}


def test_after_the_adapters_end(abis_settings: Settings, broker: Broker, shared: Share, tmp_path: Path) -> None:
    """Outcomes survive the adapter; what they are sealed with is not in the file, nor is anything of an id."""
    queues = {"mosip_abis_requests": someone(), "mosip_abis_answers": someone()}
    settings = replace(abis_settings, mosip_abis_database=str(tmp_path / "abis.db"), **queues)  # type: ignore[arg-type]
    partner = Partner(broker.address, *queues.values(), check=kits.check)
    name = f"{MARK}-{new_id()}"
    asked = insertion(name, shared.put(person(148)))
    with running_abis(settings):
        first = partner.ask(asked)
    shared.files.clear()
    with running_abis(settings):
        assert untimed(first) == untimed(partner.ask(asked))
        searched = partner.ask(search(name))
        assert [] == found(searched)
    kept = b"".join(each.read_bytes() for each in tmp_path.glob("abis.db*"))
    assert MARK.encode() not in kept
    partner.close()
