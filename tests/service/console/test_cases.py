"""Cases without scripts: blind first, rules, two tabs, leases."""

from __future__ import annotations

import re

import pytest

from tests.service.console.conftest import LLR
from tests.support.console.fusion_servicer import DIFFERING, PAIRS
from tests.support.console.running import ETAG, SAME, verdict_on

SCORES = (f"{LLR:+.2f}", f"{LLR / 2:+.2f}", "3.1e-03", "0.250", "FMR", "log10")


def test_blind_first(ada, ben, case):
    """Before a verdict no score, rank, pair, difference or other verdict is in the page; afterwards they are."""
    for tab in ("1", "2"):
        shown = ada.get(f"/cases/{case}?tab={tab}").text
        assert [] == [each for each in (*SCORES, 'class="pair"', 'class="differences"') if each in shown]
    assert 34 == ada.get(f"/cases/{case}").text.count('class="mark"') // 2
    assert 303 == ada.post(f"/cases/{case}/verdict", verdict_on(ada, case, note="the whorl"), on="/queue").status_code
    assert [] == [each for each in SCORES if each not in ada.get(f"/cases/{case}").text]
    ben.post(f"/cases/{case}/claim", on="/queue")
    shown = ben.get(f"/cases/{case}").text
    assert [] == [each for each in (*SCORES, "the whorl", "Same person –") if each in shown]
    ben.post(f"/cases/{case}/give-back", on="/queue")


def test_a_supervisor_sees_pairs_and_differences(ada, ben, sol, case):
    """Who decides a dispute is not blind: pairs of minutiae are numbered, and the bits that differ are drawn."""
    ada.post(f"/cases/{case}/verdict", verdict_on(ada, case), on="/queue")
    ben.post(f"/cases/{case}/claim", on="/queue")
    form = verdict_on(ben, case, verdict="DIFFERENT", reason="DETAILS_DISAGREE")
    ben.post(f"/cases/{case}/verdict", form, on="/queue")
    assert case in sol.get("/queue?view=disputed").text
    sol.post(f"/cases/{case}/claim", {"role": "supervisor"}, on="/queue")
    assert 2 * PAIRS == sol.get(f"/cases/{case}").text.count('class="pair"')
    shown = sol.get(f"/cases/{case}?tab=2").text
    assert 'class="differences"' in shown
    assert f"{100 * DIFFERING:.1f} %" in shown
    assert 303 == sol.post(f"/cases/{case}/verdict", verdict_on(sol, case), on="/queue").status_code
    assert "Decided:" in ada.get(f"/cases/{case}").text
    assert case in ada.get("/history").text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"verdict": ""}, "Choose a verdict"),
        ({"verdict": "MAYBE"}, "Choose a verdict"),
        ({"reason": ""}, "Choose a reason"),
        ({"reason": "OTHER"}, "Write in the note"),
        ({"note": "x" * 2001}, "too long"),
    ],
)
def test_an_incomplete_verdict(ada, case, changes, told):
    """What is missing is told, the rest of the form stays, and nothing is stored."""
    answer = ada.post(f"/cases/{case}/verdict", verdict_on(ada, case, **changes), on="/queue")
    assert 422 == answer.status_code
    assert told in re.search(r'role="alert"[^>]*>([^<]*)', answer.text)[1]
    assert "Give this verdict" in ada.get(f"/cases/{case}").text


def test_two_tabs(ada, open_case):
    """Of two verdicts on one version one counts; the second tab is told, and keeps its note."""
    case = open_case()
    ada.post(f"/cases/{case}/claim", on="/queue")
    form = verdict_on(ada, case)
    assert 303 == ada.post(f"/cases/{case}/verdict", form, on="/queue").status_code
    answer = ada.post(f"/cases/{case}/verdict", form | {"verdict": "DIFFERENT"}, on="/queue")
    assert 409 == answer.status_code


def test_rules_hold_for_direct_requests(ada, ben, case):
    """Who has not claimed a case can neither decide it nor claim it from another, nor see its pictures."""
    form = SAME | {"etag": ETAG.search(ada.get(f"/cases/{case}").text)[1]}
    assert 409 == ben.post(f"/cases/{case}/verdict", form, on="/queue").status_code
    assert 409 == ben.post(f"/cases/{case}/claim", on="/queue").status_code
    assert 403 == ben.get(f"/cases/{case}/probe/0.png").status_code
    assert 200 == ada.get(f"/cases/{case}/probe/0.png").status_code


def test_nobody_looks_twice(ada, case):
    """The first reviewer cannot be the second one."""
    ada.post(f"/cases/{case}/verdict", verdict_on(ada, case), on="/queue")
    answer = ada.post(f"/cases/{case}/claim", on="/queue")
    assert (409, True) == (answer.status_code, "another role" in answer.text)


def test_a_lease_ends(ada, ben, services, open_case):
    """A claim that is not renewed ends, and another person takes the case."""
    case = open_case()
    ada.post(f"/cases/{case}/claim", on="/queue")
    form = verdict_on(ada, case)
    services.clock.now += 901
    assert 303 == ben.post(f"/cases/{case}/claim", on="/queue").status_code
    assert 409 == ada.post(f"/cases/{case}/verdict", form, on="/queue").status_code
    ben.post(f"/cases/{case}/give-back", on="/queue")


def test_the_queue(ada, open_case):
    """The queue takes the most urgent case first, and shows no name."""
    urgent = open_case(priority=9)
    listed = ada.get("/queue").text
    assert "ann" not in re.sub(r"<[^>]*>", " ", listed).split()
    assert f'id="claim-{urgent}"' in listed
    assert f'id="claim-{urgent}"' in ada.get("/live/queue?view=free").text
    led = ada.post("/queue/next", on="/queue").headers["location"]
    assert led.startswith("/cases/")
    assert led.removeprefix("/cases/") in ada.get("/queue?view=mine").text
    ada.post(f"{led}/give-back", on="/queue")


def test_the_services_know_who_acts(ada, case, services):
    """What is drawn is asked of the fusion service with the picture that the person sees."""
    services.asked.clear()
    ada.get(f"/cases/{case}")
    ((method, request),) = services.asked
    assert ("ExplainEvidence", "ann", True) == (method, request.subject_id, bool(request.sample.image.data))
