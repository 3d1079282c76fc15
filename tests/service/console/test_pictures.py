"""Pictures of cases: fetched by reference, or sealed with the case until it ends or its subject is erased."""

from __future__ import annotations

import uuid
from io import BytesIO

import pytest
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import modality_pb2
from PIL import Image

from review.keeping.vault import SEALED, Label
from review.states import ReviewState
from review.wire.requests import place_of
from tests.service.console.conftest import referred
from tests.support.console.running import verdict_on


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
