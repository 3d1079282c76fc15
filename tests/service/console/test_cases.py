"""Cases without scripts: blind first, rules, two tabs, leases, pictures."""

from __future__ import annotations

import re
import uuid
from io import BytesIO

import pytest
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import modality_pb2
from PIL import Image

from review.keeping.vault import SEALED, Label
from review.states import ReviewState
from review.wire.requests import place_of
from tests.service.console.conftest import LLR, referred
from tests.support.console.fusion_servicer import DIFFERING, PAIRS
from tests.support.console.running import ETAG

SAME = {"verdict": "SAME", "reason": "DETAILS_AGREE", "note": ""}
SCORES = (f"{LLR:+.2f}", f"{LLR / 2:+.2f}", "3.1e-03", "0.250", "FMR", "log10")


@pytest.fixture
def case(ada, open_case):
    """A case that Ada has claimed."""
    made = open_case()
    assert 303 == ada.post(f"/cases/{made}/claim", on="/queue").status_code
    yield made
    ada.post(f"/cases/{made}/give-back", on="/queue")


def verdict_on(browser, case, **changes):
    """The form of a verdict, as it was shown."""
    return SAME | {"etag": ETAG.search(browser.get(f"/cases/{case}").text)[1]} | changes


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


def test_a_picture_is_drawn_anew(ada, case, pictures):
    """A picture is fetched by its reference as one segment of a path, decoded, marked, and never kept by browsers."""
    answer = ada.get(f"/cases/{case}/probe/0.png")
    assert ("image/png", "no-store") == (answer.headers["content-type"], answer.headers["cache-control"])
    assert "/pictures/probe%20finger%2F1" in pictures.asked
    original = Image.open(BytesIO(pictures.pictures["probe finger/1"]))
    shown = Image.open(BytesIO(answer.content))
    assert original.size == shown.size
    assert original.convert("RGB").tobytes() != shown.tobytes()


@pytest.mark.parametrize("reference", ["moved", "gone", "..", "no-picture"])
def test_pictures_that_cannot_be_had(ada, open_case, pictures, reference):
    """No redirection is followed; what is missing, or no picture, is an error, and the page of the case stays whole."""
    pictures.moved["moved"] = f"{pictures.address}probe-eye"
    pictures.pictures["no-picture"] = b"<script>alert(1)</script>"
    sample = referred(reference, modality_pb2.MODALITY_IRIS, modality_pb2.POSITION_LEFT_EYE)
    case = open_case(probe_samples=[sample])
    ada.post(f"/cases/{case}/claim", on="/queue")
    answer = ada.get(f"/cases/{case}/probe/0.png")
    assert answer.status_code in {404, 503}
    assert "<script>alert" not in answer.text
    assert 200 == ada.get(f"/cases/{case}").status_code
    ada.post(f"/cases/{case}/give-back", on="/queue")


def test_a_sealed_picture(ada, open_case, pictures):
    """A picture that is sealed with the case is opened for the claimant, and gone after the verdict."""
    sealed = review_pb2.ReviewSample(
        modality=modality_pb2.MODALITY_IRIS,
        position=modality_pb2.POSITION_LEFT_EYE,
        image=pictures.pictures["probe-eye"],
    )
    case = open_case(probe_samples=[sealed], candidate_samples=[])
    ada.post(f"/cases/{case}/claim", on="/queue")
    assert "image/png" == ada.get(f"/cases/{case}/probe/0.png").headers["content-type"]
    ada.post(f"/cases/{case}/verdict", verdict_on(ada, case), on="/queue")
    assert 403 == ada.get(f"/cases/{case}/probe/0.png").status_code


def test_an_erased_subject(ada, open_case, pictures, services):
    """When its subject is erased a case is withdrawn, its sealed picture has no key, and the console has no picture."""
    sealed = review_pb2.ReviewSample(
        modality=modality_pb2.MODALITY_IRIS,
        position=modality_pb2.POSITION_LEFT_EYE,
        image=pictures.pictures["probe-eye"],
    )
    case = open_case("eve", probe_samples=[sealed])
    ada.post(f"/cases/{case}/claim", on="/queue")
    paths = [f"/cases/{case}/{side}/0.png" for side in ("probe", "candidate")]
    assert [200, 200] == [ada.get(each).status_code for each in paths]
    kept = services.run(services.process.kept.cases.find(case))
    label, place = Label(case, kept.sealed_expire_time), place_of("probe_samples", 0, "image")
    assert sealed.image == services.run(services.process.kept.vault.open(label, kept.key, place))

    services.run(services.process.erasures.step(0.0))
    services.run(services.store.delete("eve", str(uuid.uuid4()), "d"))
    services.run(services.process.erasures.step(5.0))

    withdrawn = services.run(services.process.kept.cases.find(case))
    assert (ReviewState.WITHDRAWN, "") == (withdrawn.state, withdrawn.key)
    assert services.run(services.process.kept.vault.open(label, kept.key, place)) is None
    assert [] == services.run(services.store.backend.documents.list(SEALED, "", 10, f"{case}/"))
    assert [404, 404] == [ada.get(each).status_code for each in paths]
    assert "withdrawn" in ada.get(f"/cases/{case}").text
    assert f'id="claim-{case}"' not in ada.get("/queue").text


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
