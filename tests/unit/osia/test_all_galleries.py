"""A search of all galleries, of services that are played."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any

import pytest
from biofusion.fusion.v1 import decisions_pb2
from biofusion.iris.v1 import iris_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from adapters.osia.call import Call
from adapters.osia.wire.searches import Searches
from infra.calling.calls import CallFailed

FPIR = 0.003
EYE = {"biometricType": "IRIS", "biometricSubType": "EYE_LEFT", "image": base64.b64encode(b"picture").decode()}
HAND = EYE | {"biometricType": "FINGER", "biometricSubType": "PLAIN_RIGHT_FOUR_FINGERS"}


class Fusion:
    """Finds nobody; keeps what it was asked."""

    def __init__(self) -> None:
        self.stubs = SimpleNamespace(decisions=SimpleNamespace(IdentifySubjects=None))
        self.written = ""
        self.asked: list[decisions_pb2.IdentifySubjectsRequest] = []

    async def ask(self, _method: object, request: Any, **_more: str) -> Any:
        """Answer a search."""
        self.asked.append(request)
        return decisions_pb2.IdentifySubjectsResponse()


class Galleries:
    """Has these."""

    def __init__(self, *names: str) -> None:
        self._names = [*names]

    async def names(self) -> list[str]:
        """Their names."""
        return self._names


class Matchers:
    """Makes a template of each image, or fails with a status."""

    def __init__(self, status: str = "") -> None:
        self._status, self.extracted = status, 0

    async def ask(self, _modality: str, _method: str, _request: Any) -> Any:
        """Answer an extraction."""
        self.extracted += 1
        if self._status:
            raise CallFailed(self._status, "", "")
        answer = iris_pb2.ExtractTemplateResponse(template=sample_pb2.Template(model_id="one", data=b"template"))
        answer.quality.value = 88.0
        return answer


async def nothing(_address: str, _path: str) -> bytes:
    """Nothing is referred to."""
    raise AssertionError


async def searched(matchers: Matchers, *names: str) -> list[decisions_pb2.IdentifySubjectsRequest]:
    """What fusion is asked for an eye and a hand in these galleries."""
    fusion = Fusion()
    searches: Any = Searches(fusion, Galleries(*names), matchers, nothing, FPIR)  # type: ignore[arg-type]  # played
    body = {"filter": {}, "biometricData": [EYE, HAND]}
    assert [] == await searches.identify(Call("identify", {"galleryId": "ALL"}, {"maxNbCand": 7}, body, "seed"))
    return fusion.asked


async def test_an_image_is_extracted_once() -> None:
    """All galleries are searched with its template, its quality as stated; a slap is sent to each as it is."""
    asked = await searched(matchers := Matchers(), "a", "b", "c")
    assert (1, ["a", "b", "c"]) == (matchers.extracted, [each.gallery for each in asked])
    for each in asked:
        eye, hand = each.samples
        assert (b"template", 88.0, "template") == (eye.template.data, eye.template_quality, eye.WhichOneof("source"))
        assert (modality_pb2.MODALITY_IRIS, modality_pb2.POSITION_LEFT_EYE) == (eye.modality, eye.position)
        assert b"picture" == hand.image.data
        assert (7, pytest.approx(FPIR / 3)) == (each.max_candidate_count, each.fpir)


async def test_one_gallery_is_searched_with_the_image() -> None:
    """Nothing is extracted beforehand, and the rate is that of fusion."""
    (asked,) = await searched(matchers := Matchers(), "a")
    assert (0, b"picture", False) == (matchers.extracted, asked.samples[0].image.data, asked.HasField("fpir"))


@pytest.mark.parametrize("status", ["PERMISSION_DENIED", "FAILED_PRECONDITION"])
async def test_what_fusion_is_to_judge(status: str) -> None:
    """Images are sent as they are if the adapter cannot call their service, or if one is of no use beside others."""
    for each in await searched(Matchers(status), "a", "b"):
        assert b"picture" == each.samples[0].image.data


async def test_what_is_no_image() -> None:
    """What the service says of it is told."""
    with pytest.raises(CallFailed):
        await searched(Matchers("INVALID_ARGUMENT"), "a", "b")
