"""segment: slaps in, single fingers out."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
from jsonschema.validators import validator_for

from biometrics.slap import LEFT_TO_RIGHT, Slap
from biometrics.template import Position
from formats.cbeff.information import subtype
from formats.images.fingers import read_2011
from rendering.slaps import MadeSlap
from tests.service.mosip.conftest import KIT
from tests.support.mosip.sdk import Client, record, segment
from tests.support.records import of_pictures as pictures
from tests.support.records.image_records import fir_2011

HAND = ("Right", "IndexFinger", "MiddleFinger", "RingFinger", "LittleFinger")
FOUR = LEFT_TO_RIGHT[Slap.RIGHT_FOUR]


@pytest.fixture(scope="module")
def hand() -> MadeSlap:
    """A slap of a right hand."""
    return pictures.slap()


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The kit's, without a condition that forbids what the rest of it demands: no answer could be valid."""
    if not KIT.is_dir():
        pytest.skip("../shared/vectors/mosip-ctk is not there")
    found: dict[str, Any] = json.loads((KIT / "SegmentResponseSchema.json").read_text())
    del found["properties"]["response"]["allOf"]
    return found


def of(pixels: pictures.Gray, *, as_text: bool = False) -> dict[str, Any]:
    """A segment with this slap."""
    return segment("FINGER", fir_2011(pictures.raw(pixels, 13)), *HAND, as_text=as_text)


def cut(sdk: Client, *segments: dict[str, Any]) -> dict[str, Any]:
    """The answer of segment."""
    return sdk.ask("segment", {"sample": record(*segments), "modalitiesToSegment": ["FINGER"], "flags": {}})


def fingers(answer: dict[str, Any]) -> list[dict[str, Any]]:
    """The segments of an answer that has some."""
    assert 200 == answer["response"]["statusCode"], answer
    return list(answer["response"]["response"]["segments"])


def named(segments: list[dict[str, Any]]) -> list[list[str]]:
    """Their subtypes."""
    return [each["bdbInfo"]["subtype"] for each in segments]


def test_the_answer_is_as_the_kit_has_it(sdk: Client, schema: dict[str, Any], hand: MadeSlap) -> None:
    """Answers for a slap and for a single finger are valid by the kit's schema."""
    own = segment("FINGER", fir_2011(pictures.raw(pictures.finger(1), 2)), "Right", "IndexFinger")
    validator_for(schema)(schema).validate(cut(sdk, of(hand.gray), own))


def test_a_slap_is_cut(sdk: Client, hand: MadeSlap) -> None:
    """Four records come back, each of its finger, and a print of one of the fingers matches its own."""
    answer = cut(sdk, of(hand.gray))
    found = fingers(answer)
    assert [[subtype(each)] for each in FOUR] == named(found)
    data = [np.array(each["bdb"], np.int8).tobytes() for each in found]
    for position, each in zip(FOUR, data, strict=True):
        (content,) = read_2011(each).samples
        assert (position, (500.38, 500.38)) == (content.position, pytest.approx(content.resolution_dpi, abs=0.5))
    own = fir_2011(pictures.raw(pictures.finger(2), 2))
    gallery = [record(segment("FINGER", own, "Right", "IndexFinger"))]
    for each, expected in ((found[0], "MATCHED"), (found[1], "ERROR")):
        asked = {"sample": record(each), "gallery": gallery, "modalitiesToMatch": ["FINGER"]}
        response = sdk.ask("match", asked)["response"]
        decided = response["response"][0]["decisions"]["FINGER"]["match"] if response["response"] else "ERROR"
        assert expected == decided


def test_a_missing_finger(sdk: Client, hand: MadeSlap) -> None:
    """A slap of three fingers is of no use, unless an exception says which finger is missing."""
    three = hand.gray.copy()
    three[np.isin(hand.labels, (4, 104))] = 235
    answer = cut(sdk, of(three))
    assert (406, []) == (answer["response"]["statusCode"], answer["response"]["response"]["segments"])
    gone = segment("FINGER", b"", "Right", "LittleFinger") | {"others": {"EXCEPTION": "true"}}
    assert [[subtype(each)] for each in FOUR[:3]] == named(fingers(cut(sdk, of(three), gone)))


def test_what_is_no_slap_stays(sdk: Client) -> None:
    """A record of one finger comes back byte for byte, in the form in which it came."""
    own = fir_2011(pictures.raw(pictures.finger(1), 2))
    (found,) = fingers(cut(sdk, segment("FINGER", own, "Right", "IndexFinger", as_text=True)))
    assert own == base64.b64decode(found["bdb"])
    assert [subtype(Position.RIGHT_INDEX)] == found["bdbInfo"]["subtype"]


def test_what_cannot_be_cut(sdk: Client, hand: MadeSlap) -> None:
    """No fingers at all, a template, and words that are no finger's are refused, each with its code."""
    empty = np.full_like(hand.gray, 235)
    template = segment("FINGER", b"BFT\x01" + b"x" * 40, "Right", "IndexFinger")
    wrong = segment("FINGER", b"", "Right", "Toe") | {"others": {"EXCEPTION": "true"}}
    for given, status in (([of(empty)], 406), ([template], 401), ([of(hand.gray), wrong], 401), ([], 404)):
        assert status == cut(sdk, *given)["response"]["statusCode"]
