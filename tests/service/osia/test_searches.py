"""Identification and verification by OSIA's interface, on the real services."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from adapters.osia.wire.searches import MOST_GALLERIES
from rendering.eyes import render_eye
from tests.service.fusion.requests import someone
from tests.service.osia.bodies import encounter, eye


@pytest.fixture
def enrolled(osia: httpx.Client) -> tuple[str, str]:
    """A person with an eye, and the gallery."""
    person, gallery = someone(), someone()
    answer = osia.post(f"/v1/persons/{person}/encounters/first", json=encounter(gallery, eye(21)))
    assert 200 == answer.status_code, answer.text
    return person, gallery


def sought(*data: dict[str, Any], kinds: list[str] | None = None) -> dict[str, Any]:
    """The body of an identification."""
    return {"filter": {"biometricType": kinds} if kinds else {}, "biometricData": list(data)}


def test_identification(osia: httpx.Client, enrolled: tuple[str, str]) -> None:
    """A person is found in its gallery by another capture; a filter and a threshold are honoured."""
    person, gallery = enrolled
    path = f"/v1/identify/{gallery}"
    (found,) = osia.post(path, json=sought(eye(21, 3))).json()
    assert (person, "MATCH") == (found["personId"], found["others"]["outcome"])
    assert "IRIS" == found["scores"][0]["biometricType"]
    assert [] == osia.post(path, json=sought(eye(21, 3)), params={"threshold": found["score"] + 9}).json()
    assert [] == osia.post(path, json=sought(eye(22))).json()
    assert 400 == osia.post(path, json=sought(eye(21, 3), kinds=["FACE"])).status_code
    assert 404 == osia.post(f"/v1/identify/{someone()}", json=sought(eye(21))).status_code
    twin = osia.post(f"/v1/persons/{someone()}/encounters", json=encounter(gallery, eye(21, 4))).json()["personId"]
    for suffix in ("", "/encounters/first"):
        (other,) = osia.post(f"{path}/{person}{suffix}").json()
        assert (twin, 1) == (other["personId"], other["rank"])
    assert 404 == osia.post(f"{path}/{someone()}").status_code


def test_identification_in_all_galleries(osia: httpx.Client, enrolled: tuple[str, str]) -> None:
    """A person is found in all galleries together; more of them than a search takes are refused by name."""
    answer = osia.post("/v1/identify/ALL", json=sought(eye(21, 3)))
    if len(osia.get("/v1/galleries").json()) > MOST_GALLERIES:  # other tests fill the same store
        assert (400, True) == (answer.status_code, f"more than {MOST_GALLERIES} galleries" in answer.text)
    else:
        assert "MATCH" in {each["others"]["outcome"] for each in answer.json() if each["personId"] == enrolled[0]}


def test_verification(osia: httpx.Client, enrolled: tuple[str, str]) -> None:
    """MATCH alone is true; REVIEW is false, says so, and opens a case."""
    person, gallery = enrolled
    path, body = f"/v1/verify/{gallery}/{person}", {"biometricData": [eye(21, 5)]}
    matched = osia.post(path, json=body).json()
    assert (True, "MATCH") == (matched["decision"], matched["scores"][0]["others"]["outcome"])
    reviewed = osia.post(path, json=body, params={"threshold": min(9.0, matched["scores"][0]["score"] + 1)}).json()
    others = reviewed["scores"][0]["others"]
    assert (False, "REVIEW") == (reviewed["decision"], others["outcome"]), others
    assert others["reviewCase"].startswith("reviewCases/")
    assert not osia.post(path, json={"biometricData": [eye(22)]}).json()["decision"]
    assert 404 == osia.post(f"/v1/verify/{someone()}/{person}", json=body).status_code


def test_two_sets(osia: httpx.Client) -> None:
    """Two captures of an eye are of one person, those of two eyes are not; raw pixels are read like files."""
    pixels = render_eye(23, 1)
    raw = {
        "biometricType": "IRIS",
        "biometricSubType": "EYE_LEFT",
        "image": base64.b64encode(pixels.tobytes()).decode(),
        "compression": "NONE",
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "bitdepth": 8,
    }
    answers = [
        osia.post("/v1/verify", json={"biometricData1": [eye(23)], "biometricData2": [other]}).json()["decision"]
        for other in (raw, eye(24))
    ]
    assert [True, False] == answers
    right = eye(23) | {"biometricSubType": "EYE_RIGHT"}
    assert 400 == osia.post("/v1/verify", json={"biometricData1": [eye(23)], "biometricData2": [right]}).status_code
