"""Persons, encounters and galleries by OSIA's interface, on the real services."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from formats.contents import RecordFormat
from formats.detect import detect
from infra.models.model_cache import asset
from tests.service.fusion.requests import someone
from tests.service.osia.bodies import encounter, eye, text


def created(osia: httpx.Client, person: str, gallery: str, *data: dict[str, Any], one: str = "first") -> None:
    """Enrol an encounter."""
    answer = osia.post(f"/v1/persons/{person}/encounters/{one}", json=encounter(gallery, *data))
    assert 200 == answer.status_code, answer.text


def test_a_retry_answers_the_first_result(osia: httpx.Client) -> None:
    """The same request in the same transaction enrols once; in another transaction it is another person."""
    body = encounter(gallery := someone(), eye(11))
    first, again = [osia.post("/v1/persons", json=body, params={"transactionId": gallery}).json() for _ in range(2)]
    other = osia.post("/v1/persons", json=body, params={"transactionId": f"{gallery}-2"}).json()
    assert first["personId"] == again["personId"] != other["personId"]
    assert first["encounterId"] == again["encounterId"]
    assert 80 < first["others"]["qualities"][0]["quality"] <= 100
    content = osia.get(f"/v1/galleries/{gallery}").json()
    assert {first["personId"], other["personId"]} == {each["personId"] for each in content}
    assert content[1:] == osia.get(f"/v1/galleries/{gallery}", params={"offset": 1, "limit": 5}).json()
    lines = osia.get(f"/v1/galleries/{gallery}", headers={"Accept": "text/csv"}).text.splitlines()
    assert ["personId,encounterId", *(f"{each['personId']},{each['encounterId']}" for each in content)] == lines
    assert gallery in osia.get("/v1/galleries").json()


def test_encounters(osia: httpx.Client) -> None:
    """An encounter is read as it was enrolled, updated, switched off and deleted, the person with the last one."""
    person, gallery = someone(), someone()
    gone = {"biometricType": "IRIS", "missing": [{"biometricSubType": "EYE_RIGHT", "presence": "DAMAGED"}]}
    created(osia, person, gallery, eye(12), gone)
    path = f"/v1/persons/{person}/encounters/first"
    read = osia.get(path).json()
    assert ("first", "ACTIVE", "civil", [gallery]) == tuple(
        read[name] for name in ("encounterId", "status", "encounterType", "galleries")
    )
    assert [("IRIS", "EYE_LEFT"), ("IRIS", None)] == [
        (each["biometricType"], each.get("biometricSubType")) for each in read["biometricData"]
    ]
    assert gone["missing"] == read["biometricData"][1]["missing"]
    assert 409 == osia.post(path, json=encounter(gallery, eye(12))).status_code
    changed = encounter(f"{gallery}-2", eye(12, 1), status="INACTIVE", encounterType="crime", encounterId="first")
    assert 200 == osia.put(path, json=changed).status_code
    (read,) = osia.get(f"/v1/persons/{person}/encounters").json()
    assert ("INACTIVE", "crime", [f"{gallery}-2"]) == (read["status"], read["encounterType"], read["galleries"])
    assert 204 == osia.put(f"{path}/status", params={"status": "ACTIVE"}).status_code
    assert 204 == osia.put(f"{path}/galleries", json=[gallery]).status_code
    assert ("ACTIVE", [gallery]) == tuple(osia.get(path).json()[name] for name in ("status", "galleries"))
    second = osia.post(f"/v1/persons/{person}/encounters", json=encounter(gallery, eye(12, 2)))
    assert person == second.json()["personId"]
    assert 400 == osia.put(f"{path}/galleries", json=[f"{gallery}-2"]).status_code
    assert 204 == osia.delete(path).status_code
    assert 404 == osia.get(path).status_code
    assert 204 == osia.delete(f"/v1/persons/{person}/encounters/{second.json()['encounterId']}").status_code
    assert 404 == osia.get(f"/v1/persons/{person}/encounters").status_code
    assert 404 == osia.delete(f"/v1/persons/{person}").status_code


def test_merging_and_moving(osia: httpx.Client) -> None:
    """Encounters keep their ids and types; one that the target has already is a conflict, and nothing changes."""
    one, two, gallery = someone(), someone(), someone()
    created(osia, one, gallery, eye(13))
    created(osia, two, gallery, eye(13, 1))
    assert 409 == osia.post(f"/v1/persons/{one}/merge/{two}").status_code
    created(osia, two, gallery, eye(13, 2), one="second")
    assert 204 == osia.post(f"/v1/persons/{one}/move/{two}/encounters/second").status_code
    assert 409 == osia.post(f"/v1/persons/{one}/move/{two}/encounters/first").status_code
    assert 204 == osia.post(f"/v1/persons/{two}/move/{one}/encounters/second").status_code
    created(osia, three := someone(), gallery, eye(13, 3), one="third")
    assert 204 == osia.post(f"/v1/persons/{one}/merge/{three}").status_code
    found = osia.get(f"/v1/persons/{one}/encounters").json()
    assert {"first": "civil", "third": "civil"} == {each["encounterId"]: each["encounterType"] for each in found}
    assert 404 == osia.post(f"/v1/persons/{one}/merge/{three}").status_code
    assert 204 == osia.delete(f"/v1/persons/{one}").status_code


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ISO_19794_2", RecordFormat.ISO_19794_2_2005),
        ("ISO_19794_2_2011", RecordFormat.ISO_19794_2_2011),
        ("ANSI_378", RecordFormat.ANSI_378_2004),
        ("ANSI_378_2009", RecordFormat.ANSI_378_2009),
        ("ISO_19794_2_CS", None),
        ("ISO_19794_2_NS", None),
    ],
)
def test_templates(osia: httpx.Client, finger: str, name: str, expected: RecordFormat | None) -> None:
    """A finger's template is given in each format, and taken back as a probe: it is of the same finger."""
    query = {"templateFormat": name, "biometricSubType": "RIGHT_INDEX"}
    (told,) = osia.get(f"/v1/persons/{finger}/encounters/first/templates", params=query).json()
    assert expected == detect(base64.b64decode(told["template"]))
    probe = {name: told[name] for name in ("biometricType", "biometricSubType", "template", "templateFormat")}
    answer = osia.post(f"/v1/verify/ALL/{finger}", json={"biometricData": [probe]}, params={"threshold": 3}).json()
    assert answer["decision"], answer


@pytest.fixture(scope="package")
def finger(osia_address: str) -> str:
    """A person with a finger."""
    body = encounter(person := someone(), picture("finger-1"))
    path = f"{osia_address}/v1/persons/{person}/encounters/first?transactionId=t"
    assert 200 == httpx.post(path, json=body, timeout=60, trust_env=False).status_code
    return person


def picture(name: str) -> dict[str, Any]:
    """A finger."""
    return {"biometricType": "FINGER", "biometricSubType": "RIGHT_INDEX", "image": text(asset(name)), "resolution": 500}


def test_templates_that_are_not_there(osia: httpx.Client, finger: str) -> None:
    """Another finger is not found; no standard has templates of faces."""
    path = f"/v1/persons/{finger}/encounters/first/templates"
    assert 404 == osia.get(path, params={"biometricSubType": "LEFT_THUMB"}).status_code
    assert 400 == osia.get(path, params={"biometricType": "FACE"}).status_code
    assert 400 == osia.get(path, params={"templateFormat": "OTHER"}).status_code
