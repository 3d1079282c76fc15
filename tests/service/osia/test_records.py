"""Slaps, CBEFF documents and ANSI/NIST files as images of OSIA's biometric data, on the real services."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
import pytest

from biometrics.slap import LEFT_TO_RIGHT, Segment, Slap
from biometrics.template import Position
from formats.cbeff.write import DataBlock
from formats.cbeff.write import write as write_cbeff
from formats.contents import RecordFormat
from tests.service.fusion.requests import someone
from tests.service.osia.bodies import encounter, eye, text
from tests.support.records import of_pictures as made

FINGERS = ["RIGHT_INDEX", "RIGHT_MIDDLE", "RIGHT_RING", "RIGHT_LITTLE"]


@pytest.fixture(scope="module")
def hand() -> made.MadeSlap:
    """Four fingers of a right hand; its index finger is the demo's finger 1."""
    return made.slap()


def sent(data: bytes, **more: Any) -> dict[str, Any]:
    """An image or record of fingers."""
    return {"biometricType": "FINGER", "image": text(data), **more}


def boxes(hand: made.MadeSlap) -> list[Segment]:
    """The true box of each fingertip."""
    places = [np.nonzero(hand.labels == number) for number in range(1, 5)]
    return [
        Segment(position, int(across.min()), int(down.min()), int(across.max()), int(down.max()))
        for position, (down, across) in zip(LEFT_TO_RIGHT[Slap.RIGHT_FOUR], places, strict=True)
    ]


def enrolled(osia: httpx.Client, *data: dict[str, Any]) -> tuple[str, str, list[str]]:
    """The person and gallery of an encounter, and what is enrolled."""
    person, gallery = someone(), someone()
    path = f"/v1/persons/{person}/encounters/first"
    answer = osia.post(path, json=encounter(gallery, *data))
    assert 200 == answer.status_code, answer.text
    held = osia.get(path).json()["biometricData"]
    return person, gallery, [each["biometricSubType"] for each in held if "missing" not in each]


def is_found(osia: httpx.Client, person: str, gallery: str, data: dict[str, Any]) -> bool:
    """Whether a search finds this person alone, surely."""
    found = osia.post(f"/v1/identify/{gallery}", json={"filter": {}, "biometricData": [data]}).json()
    return [(person, "MATCH")] == [(each["personId"], each["others"]["outcome"]) for each in found]


def test_a_slap(osia: httpx.Client, hand: made.MadeSlap) -> None:
    """It stands for its fingers in enrolments, searches and verifications; one that is gone is stated as missing."""
    slap = {"biometricSubType": "PLAIN_RIGHT_FOUR_FINGERS", "resolution": 500}
    whole = sent(made.encoded(hand.gray), **slap)
    person, gallery, held = enrolled(osia, whole)
    assert FINGERS == held
    single = sent(made.encoded(made.finger(2)), biometricSubType="RIGHT_INDEX", resolution=500)
    for each in (whole, single):
        assert is_found(osia, person, gallery, each)
        assert osia.post(f"/v1/verify/{gallery}/{person}", json={"biometricData": [each]}).json()["decision"]
    three = hand.gray.copy()
    three[np.isin(hand.labels, (4, 104))] = 235
    path, left = f"/v1/persons/{someone()}/encounters/first", sent(made.encoded(three), **slap)
    refused = osia.post(path, json=encounter(gallery, left))
    assert (400, True) == (refused.status_code, "SLAP_FINGERS_MISSING" in refused.text)
    gone = [{"biometricSubType": "RIGHT_LITTLE", "presence": "AMPUTATED"}]
    assert FINGERS[:3] == enrolled(osia, left | {"missing": gone})[2]


def test_what_a_slap_cannot_be(osia: httpx.Client, hand: made.MadeSlap) -> None:
    """Nothing in it, several fingers as one, or in a comparison without enrolment: each is 400 that says so."""
    slap = {"biometricSubType": "PLAIN_RIGHT_FOUR_FINGERS", "resolution": 500}
    empty = sent(made.encoded(np.full((900, 1000), 235, np.uint8)), **slap)
    whole = sent(made.encoded(hand.gray), **slap)
    two = {"biometricData1": [whole], "biometricData2": [whole]}
    asked = [
        ("/v1/identify/default", {"filter": {}, "biometricData": [empty]}, "SLAP"),
        ("/v1/identify/default", {"filter": {}, "biometricData": [sent(made.nist_slap(hand.gray), **slap)]}, "record"),
        ("/v1/verify", two, "several fingers"),
    ]
    for path, body, said in asked:
        answer = osia.post(path, json=body)
        assert (400, True) == (answer.status_code, said in answer.text), answer.text


def test_an_ansi_nist_file(osia: httpx.Client, hand: made.MadeSlap) -> None:
    """A file with a slap, with its segments, or with prints stands for all of its fingers."""
    prints = made.nist_prints((Position.RIGHT_INDEX, made.finger(1)), (Position.RIGHT_MIDDLE, made.finger(3)))
    for data, expected in (
        (made.nist_slap(hand.gray), FINGERS),
        (made.nist_slap(hand.gray, boxes(hand)), FINGERS),
        (prints, FINGERS[:2]),
    ):
        person, gallery, held = enrolled(osia, sent(data))
        assert expected == held
        assert is_found(osia, person, gallery, sent(made.nist_prints((Position.RIGHT_INDEX, made.finger(2)))))
    one = enrolled(osia, sent(prints, biometricSubType="RIGHT_MIDDLE"))[2]
    assert ["RIGHT_MIDDLE"] == one


def test_a_cbeff_document(osia: httpx.Client) -> None:
    """It stands for what its type names: a document of a finger and an eye is sent twice for both."""
    finger = made.finger_records(made.finger(1), Position.RIGHT_INDEX)[RecordFormat.ISO_19794_4_2011]
    iris = made.eye_records(made.eye(61), Position.LEFT_EYE)[RecordFormat.ISO_19794_6_2011]
    data = write_cbeff(
        [
            DataBlock(finger, Position.RIGHT_INDEX),
            DataBlock(iris, Position.LEFT_EYE),
        ]
    )
    person, gallery, held = enrolled(osia, sent(data), sent(data) | {"biometricType": "IRIS"})
    assert {"RIGHT_INDEX", "EYE_LEFT"} == set(held)
    assert is_found(osia, person, gallery, eye(61, 1))
    assert is_found(osia, person, gallery, sent(data))
