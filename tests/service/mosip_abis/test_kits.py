"""The cases of MOSIP's two kits as messages: 13 of the older one, and ABIS3000–3031 of the compliance kit.

The older kit's cases are read from where it is. Of the compliance kit the numbers, what is wrong with a request and the
expected failure are stated here.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.service.fusion.requests import someone
from tests.service.mosip_abis.conftest import Inserted
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.partner import Message, Partner, failed, found, insertion, new_id, request, search
from tests.support.mosip_abis.people import person, raw, without_data
from tests.support.mosip_abis.share import EXPIRED, Share

CASES = kits.cases()
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "ABIS3002": ({"newUnknownValue": "x"}, "4"),
    "ABIS3003": ({"referenceId": None}, "5"),
    "ABIS3004": ({"requestId": None}, "6"),
    "ABIS3006": ({"referenceURL": "invalid"}, "7"),
    "ABIS3007": ({"referenceURL": None}, "8"),
    "ABIS3008": ({"requesttime": None}, "9"),
    "ABIS3011": ({"version": "9.9"}, "13"),
    "ABIS3012": ({"id": "mosip.abis.unknown"}, "14"),
    "ABIS3013": ({"requesttime": "01/02/2026"}, "15"),
    "ABIS3019": ({"newUnknownValue": "x"}, "4"),
    "ABIS3020": ({"referenceId": None}, "5"),
    "ABIS3021": ({"requestId": None}, "6"),
    "ABIS3022": ({"requesttime": None}, "9"),
    "ABIS3023": ({"version": "9.9"}, "13"),
    "ABIS3024": ({"id": "mosip.abis.unknown"}, "14"),
    "ABIS3025": ({"requesttime": "01/02/2026"}, "15"),
}
"""What is changed in a good request, and the failure; those up to 3013 are insertions, the others searches."""
DUPLICATES: dict[str, tuple[tuple[int, ...], int, tuple[int, ...] | None, int]] = {
    "ABIS3018": ((0, 0, 1), 1, (2, 3), 1),
    "ABIS3026": ((2, 2), 2, None, 1),
    "ABIS3027": ((3, 3, 3, 3, 3, 4), 2, (1, 3, 4, 5, 6), 4),
    "ABIS3029": ((5, 6, 7), 2, (1, 3), 0),
}
"""Who is inserted, which of them is searched for, among which, and how many are found."""


def wrong(case: str, url: str) -> Message:
    """The request of a case."""
    good = insertion(new_id(), url) if case <= "ABIS3013" else search(new_id())
    changed = {**good, **WRONG[case][0]}
    return {name: value for name, value in changed.items() if value is not None}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_requests(partner: Partner, shared: Share, case: str) -> None:
    """Each has the failure that the compliance kit expects."""
    partner.send(wrong(case, shared.put(person(171))))
    assert WRONG[case][1] == failed(partner.receive())


@pytest.mark.parametrize("case", DUPLICATES)
def test_duplicates(partner: Partner, inserted: Inserted, case: str) -> None:
    """As many are found as the compliance kit expects."""
    people, probe, gallery, expected = DUPLICATES[case]
    names = [inserted(1000 + each, capture) for capture, each in enumerate(people)]
    among = None if gallery is None else [names[each - 1] for each in gallery]
    answer = partner.identify(names[probe - 1], among)
    assert expected == len(found(answer))


def test_other_cases(partner: Partner, shared: Share) -> None:
    """ABIS3000, 3001, 3005, 3009, 3010, 3014–3016, 3028, 3030, 3031; 3017 is one of test_shares."""
    first, second = new_id(), new_id()
    assert "1" == partner.insert(first, shared.put(person(181)))["returnValue"]
    logins = len(shared.logins)
    assert "1" == partner.insert(second, shared.put(person(182)))["returnValue"]
    assert logins == len(shared.logins)
    assert "7" == failed(partner.insert(new_id(), shared.url("not-there")))
    assert "10" == failed(partner.insert(first, shared.put(person(183))))
    assert "11" == failed(partner.insert(new_id(), shared.put(without_data())))
    assert "16" == failed(partner.insert(new_id(), shared.put(b"<no>CBEFF</no>")))
    assert "17" == failed(partner.insert(new_id(), shared.fail(EXPIRED)))
    assert "11" == failed(partner.insert(new_id(), shared.put(raw(b"invalid data"))))
    assert "12" == failed(partner.identify(first, [new_id(), new_id(), new_id()]))
    shared.tokens.clear()
    assert "1" == partner.insert(new_id(), shared.put(person(184)))["returnValue"]
    assert logins + 1 == len(shared.logins)


def test_requests_are_the_kits() -> None:
    """What these tests send is what the compliance kit sends."""
    kits.need(kits.NEWER)
    for each in (insertion(new_id(), "https://example.org/x"), search(new_id()), search(new_id(), [new_id()])):
        kits.check_request(each)


class Persons:
    """The people of the older kit by name: `person6_duplicate_1` is another capture of `person6`."""

    def __init__(self, partner: Partner, shared: Share, base: int) -> None:
        self._partner, self._share, self._base = partner, shared, base
        self.ids: dict[str, str] = {}

    def do(self, step: str, flags: dict[str, Any] | None) -> Message:
        """Do a step such as `identify_ref(person6_duplicate_2, person6)`; returns its answer."""
        verb, arguments = re.fullmatch(r"(\w+)\(([^)]*)\)", step).groups()  # type: ignore[union-attr]  # it is one
        who, *gallery = [each.strip() for each in arguments.split(",") if each.strip()] or [""]
        name = None if "no_reference_id" in who else self.ids.setdefault(who, new_id())
        match verb:
            case "ping":
                return self._partner.ask(request("ping"))
            case "insert":
                return self._partner.ask(insertion(name, self._url(who)))
            case "delete":
                return self._partner.ask(request("delete", referenceId=name))
            case "identify_url":
                return self._partner.ask(search(None, referenceURL=self._url(who)))
            case _:
                among = [self.ids[each] for each in gallery] or None
                more = {} if flags is None else {"flags": {"targetFPIR": "30", **flags}}
                return self._partner.ask(search(name, among, **more))

    def _url(self, who: str) -> str:
        if "unknown" in who:
            return self._share.url(someone())
        number, _, rest = who.removeprefix("person").partition("_")
        capture = int(rest[-1]) if rest.startswith("duplicate") else 0
        return self._share.put(person(self._base + int(number), capture))

    def expect(self, answer: Message, what: str, value: str) -> None:
        """Check one expectation of a step."""
        value = value.strip()
        if what == "candidateListCount":
            assert value == answer["candidateList"]["count"]
        elif what == "candidateReferenceId":
            assert self.ids[value] in found(answer)
        elif what.startswith("!"):
            assert value != answer[what[1:]]
        else:
            assert value == answer[what]


KNOWN = {
    "**#2": ["returnValue, 2", "failureReason, 7"],
    "**#3": ["returnValue, 2", "failureReason, 5"],
    "**#7": ["candidateListCount, 1"],
}
"""Expected in place of what the kit says where it contradicts the interface: 7 in place of success where nothing can be
fetched, 5 in place of 7 without an id, and either of two who are equally good."""


@pytest.mark.parametrize("number", range(13))
def test_older_kit(partner: Partner, shared: Share, number: int) -> None:
    """Each case of the older kit has the answers that it expects, or those of the interface where they differ."""
    kits.need(kits.OLDER)
    case = CASES[number]
    persons, answer = Persons(partner, shared, 2000), None
    for step in case["steps"]:
        call, *expectations = re.split(r"\.expect\(", step)
        answer = persons.do(call, case.get("flags"))
        wanted = KNOWN.get(case["testId"]) if step == case["steps"][-1] else None
        if not expectations and wanted is None:
            assert "1" == answer["returnValue"], (case["testId"], step, answer)
        for each in wanted or [each.removesuffix(")") for each in expectations]:
            what, _, value = each.partition(",")
            persons.expect(answer, what.strip(), value)
    assert answer is not None
    for name in persons.ids.values():
        partner.ask(request("delete", referenceId=name))
