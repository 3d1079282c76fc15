"""The cases of MOSIP's compliance kit, SDK2000 to SDK2075, with samples of our own; 2056 to 2064 are inactive there.

What the kit accepts as a status: 404 for no data, 401 or 403 for invalid data, 401 or 405 for what cannot be matched.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from PIL import Image

from tests.service.mosip import made
from tests.service.mosip.conftest import Check
from tests.service.mosip.made import KINDS
from tests.support.mosip.sdk import Client, record


def quality(sdk: Client, *segments: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """The answer of check-quality."""
    return sdk.ask("check-quality", {"sample": record(*segments), "modalitiesToCheck": kinds, "flags": None})


def match(sdk: Client, probe: list[Any], *gallery: list[Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """The answer of match."""
    records = [record(*each) for each in gallery]
    return sdk.ask("match", {"sample": record(*probe), "gallery": records, "modalitiesToMatch": kinds, "flags": None})


def extract(sdk: Client, *segments: dict[str, Any], kinds: tuple[str, ...]) -> dict[str, Any]:
    """The answer of extract-template."""
    return sdk.ask("extract-template", {"sample": record(*segments), "modalitiesToExtract": kinds, "flags": None})


def convert(sdk: Client, segment: dict[str, Any], kind: str, target: str) -> dict[str, Any]:
    """The answer of convert-format."""
    request = {"sample": record(segment), "sourceFormat": made.SOURCE[kind], "targetFormat": target}
    return sdk.ask("convert-format", {**request, "sourceParams": {}, "targetParams": {}, "modalitiesToConvert": [kind]})


def status(answer: dict[str, Any]) -> int:
    """The status of the SDK, not of HTTP."""
    return int(answer["response"]["statusCode"])


def decisions(answer: dict[str, Any]) -> list[dict[str, str]]:
    """For each record of the gallery, what was decided by modality."""
    assert 200 == status(answer), answer
    return [{kind: each["match"] for kind, each in row["decisions"].items()} for row in answer["response"]["response"]]


def test_init(sdk: Client, valid: Check) -> None:
    """SDK2000: it says what it can do."""
    answer = sdk.ask("init", {"initParams": {}})
    valid("InitSDKResponse", answer)
    assert "SEGMENT" not in answer["response"]["supportedMethods"]


@pytest.mark.parametrize("kind", KINDS)
def test_quality(sdk: Client, valid: Check, kind: str) -> None:
    """SDK2001–2012: a usable sample scores high, an empty picture 0, and no or invalid data is refused."""
    good = quality(sdk, made.good(kind), kinds=(kind,))
    valid("CheckQualityResponse", good)
    assert good["response"]["response"]["scores"][kind]["score"] >= 40
    bad = quality(sdk, made.bad(kind), kinds=(kind,))
    valid("BadCheckQualityResponse", bad)
    score = bad["response"]["response"]["scores"][kind]
    assert score["score"] < 20
    assert score["errors"]
    for segment, expected in ((made.invalid(kind), {401, 403}), (made.empty(kind), {404})):
        answer = quality(sdk, segment, kinds=(kind,))
        valid("CheckQualityNullResponse", answer)
        assert status(answer) in expected


@pytest.mark.parametrize("kinds", [("FACE", "FINGER"), KINDS])
def test_quality_of_several_modalities(sdk: Client, valid: Check, kinds: tuple[str, ...]) -> None:
    """SDK2013, SDK2014: each modality that is asked for has its score, and no other."""
    answer = quality(sdk, *map(made.good, KINDS), kinds=kinds)
    valid("CheckQualityResponse", answer)
    assert set(kinds) == set(answer["response"]["response"]["scores"])


@pytest.mark.parametrize("kind", KINDS)
def test_match(sdk: Client, valid: Check, kind: str) -> None:
    """SDK2015–2034: one's own record matches among others; what cannot be compared is refused."""
    answer = match(sdk, [made.good(kind)], [made.other(kind)], [made.good(kind, 1), made.other(kind)], kinds=(kind,))
    valid("MatchResponse", answer)
    assert [{kind: "NOT_MATCHED"}, {kind: "MATCHED"}] == decisions(answer)
    refused = [(made.invalid(kind), {401, 405}), (made.empty(kind), {404}), (made.mislabelled(kind), {401, 405})]
    if kind != "FACE":
        refused.append((made.elsewhere(kind), {401, 405}))
    for segment, expected in refused:
        answer = match(sdk, [segment], [made.good(kind)], kinds=(kind,))
        valid("MatchNullResponse", answer)
        assert status(answer) in expected


@pytest.mark.parametrize("kinds", [("FACE", "FINGER"), KINDS])
def test_match_of_several_modalities(sdk: Client, valid: Check, kinds: tuple[str, ...]) -> None:
    """SDK2035–2037: each modality that is asked for has a decision in each record."""
    own, others = [made.good(each) for each in KINDS], [made.other(each) for each in KINDS]
    answer = match(sdk, own, own, others, kinds=kinds)
    valid("MatchResponse", answer)
    assert [dict.fromkeys(kinds, "MATCHED"), dict.fromkeys(kinds, "NOT_MATCHED")] == decisions(answer)


@pytest.mark.parametrize("kind", KINDS)
def test_extract_then_match(sdk: Client, valid: Check, kind: str) -> None:
    """SDK2038–2055: templates are answered like the samples, and compared in place of them."""
    answer = extract(sdk, made.good(kind), made.other(kind), kinds=(kind,))
    valid("ExtractTemplateResponse", answer)
    own, other = answer["response"]["response"]["segments"]
    assert made.good(kind)["bdbInfo"]["creationDate"] == own["bdbInfo"]["creationDate"]
    assert [{kind: "MATCHED"}, {kind: "NOT_MATCHED"}] == decisions(
        match(sdk, [made.good(kind)], [own], [other], kinds=(kind,))
    )
    bad = extract(sdk, made.bad(kind), kinds=(kind,))
    valid("ExtractTemplateResponse", bad)
    assert 406 == status(bad)
    for segment, expected in ((made.invalid(kind), {401, 403}), (made.empty(kind), {404})):
        answer = extract(sdk, segment, kinds=(kind,))
        valid("ExtractTemplateNullResponse", answer)
        assert status(answer) in expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", ["IMAGE/JPEG", "IMAGE/PNG"])
def test_convert(sdk: Client, valid: Check, kind: str, target: str) -> None:
    """SDK2065–2075: the image of a record comes in the format asked for; no or invalid data is refused."""
    answer = convert(sdk, made.good(kind), kind, target)
    valid("ConvertResponse", answer)
    (segment,) = answer["response"]["response"]["segments"]
    with Image.open(io.BytesIO(bytes(each % 256 for each in segment["bdb"]))) as image:
        assert target == f"IMAGE/{image.format}"
        assert min(image.size) > 100
    for segment, expected in ((made.invalid(kind), {401, 403}), (made.empty(kind), {404})):
        refused = convert(sdk, segment, kind, target)
        valid("ConvertNullResponse", refused)
        assert status(refused) in expected


def test_base64_is_answered_with_base64(sdk: Client) -> None:
    """Data that comes as text goes as text."""
    segment = made.good("FINGER")
    text = base64.b64encode(bytes(each % 256 for each in segment["bdb"])).decode()
    answer = convert(sdk, {**segment, "bdb": text}, "FINGER", "IMAGE/PNG")
    (found,) = answer["response"]["response"]["segments"]
    assert base64.b64decode(found["bdb"]).startswith(b"\x89PNG")
