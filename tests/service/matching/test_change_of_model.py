"""A model is replaced while the service runs: a probe finds its mate under either model, and nobody is lost."""

from __future__ import annotations

import asyncio
import io

import numpy as np
import pytest
from biofusion.face.v1.face_pb2_grpc import FaceServiceStub
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2
from PIL import Image as Pillow

from biometrics.template import Modality, Template
from infra.models.model_cache import asset
from infra.models.supply import ensure_all, ensure_assets
from infra.wire import convert
from tests.service.matching.several_models import MODEL_ID, PREVIOUS_ID, ReplacingStore, serving

PEOPLE = ("portrait-hopper", "portrait-astronaut")
OTHERS = 6
"""Subjects of random templates beside the people."""


@pytest.fixture(autouse=True, scope="module")
def _supplied() -> None:
    ensure_all()
    ensure_assets()


def capture(name: str) -> sample_pb2.Image:
    """Another capture of a person: the picture at nine tenths of its size."""
    picture = Pillow.open(io.BytesIO(asset(name))).convert("RGB")
    buffer = io.BytesIO()
    picture.resize((picture.width * 9 // 10, picture.height * 9 // 10)).save(buffer, "PNG")
    return sample_pb2.Image(data=buffer.getvalue())


async def extracted(stub: FaceServiceStub, image: sample_pb2.Image) -> Template:
    """The template of an image."""
    answer = await stub.ExtractTemplate(matching_pb2.ExtractTemplateRequest(image=image))
    return convert.template_from_wire(answer.template)


async def searched(stub: FaceServiceStub, sample: sample_pb2.Sample, token: str = "") -> list[matching_pb2.Candidate]:
    """The candidates of a search."""
    request = matching_pb2.SearchGalleryRequest(probe=sample, consistency_token=token)
    return list((await stub.SearchGallery(request)).candidates)


def stranger(number: int, model_id: str) -> Template:
    """A template of nobody."""
    values = np.random.default_rng(number).standard_normal(128).astype(np.float32)
    data = np.asarray(values / np.linalg.norm(values), np.float32).tobytes()
    return Template(Modality.FACE, model_id, data)


async def counts(stub: FaceServiceStub) -> dict[str, int]:
    """Subjects with references of each model."""
    info = (await stub.GetServiceInfo(matching_pb2.GetServiceInfoRequest())).info
    assert [MODEL_ID, PREVIOUS_ID] == [each.model_id for each in info.compared_models]
    assert ["face-cosine-1", "face-cosine-0"] == [each.comparator_id for each in info.compared_models]
    return {each.model_id: each.subject_count for each in info.compared_models}


async def test_references_are_replaced_one_by_one_while_searches_go_on() -> None:
    """Each person is the best candidate of every search, by image and by template, at every moment of the change."""
    store = ReplacingStore()
    async with serving(store) as (stub, index, previous):
        new = {name: await extracted(stub, sample_pb2.Image(data=asset(name))) for name in PEOPLE}
        assert (0, ()) == (previous.extracted_count, new[PEOPLE[0]].others)
        everyone = {f"stranger-{n}": n for n in range(OTHERS)}
        token = ""
        for name, number in everyone.items():
            token = await store.put(name, stranger(number, PREVIOUS_ID))
        await index.wait_for(token, 30)
        old = {name: (await extracted(stub, sample_pb2.Image(data=asset(name)))).others[0] for name in PEOPLE}
        for name, template in old.items():
            token = await store.put(name, template)
        await index.wait_for(token, 30)
        assert {MODEL_ID: 0, PREVIOUS_ID: OTHERS + 2} == await counts(stub)

        images = {name: sample_pb2.Sample(image=capture(name)) for name in PEOPLE}
        both = {name: await extracted(stub, images[name].image) for name in PEOPLE}
        templates = {name: sample_pb2.Sample(template=convert.template_to_wire(each)) for name, each in both.items()}
        assert [PREVIOUS_ID] == [each.model_id for each in both[PEOPLE[0]].others]
        done, searches = asyncio.Event(), 0

        async def search_on() -> None:
            nonlocal searches
            while not done.is_set():
                for name in PEOPLE:
                    found = await searched(stub, templates[name])
                    assert (OTHERS + 2, name, True) == (len(found), found[0].subject_id, found[0].comparison.llr > 2)
                    searches += 1

        going = asyncio.create_task(search_on())
        replaced = {**new, **{name: stranger(number, MODEL_ID) for name, number in everyone.items()}}
        for left, (name, template) in enumerate(replaced.items()):
            for person in PEOPLE:
                best, *_ = await searched(stub, images[person], token)
                expected = MODEL_ID if person in list(replaced)[:left] else PREVIOUS_ID
                assert (person, expected, 1) == (best.subject_id, best.reference_model_id, best.comparison_count)
                assert ("face-cosine-1" if expected == MODEL_ID else "face-cosine-0") == best.comparison.comparator_id
            token = await store.put(name, template)
            await index.wait_for(token, 30)
            assert {MODEL_ID: left + 1, PREVIOUS_ID: OTHERS + 1 - left} == await counts(stub)
        done.set()
        await going
        assert searches > 0

        before = previous.extracted_count
        best, *_ = await searched(stub, images[PEOPLE[0]], token)
        assert (PEOPLE[0], MODEL_ID, before) == (best.subject_id, best.reference_model_id, previous.extracted_count)
