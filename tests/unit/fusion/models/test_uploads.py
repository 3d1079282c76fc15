from __future__ import annotations

import json

import pytest

from biometrics.errors import FieldInvalid, FusionModelNotFound, RequestIdReused, StoreUnavailable
from fusion.models.uploads import MAX_BYTES, UploadedModels
from tests.support.fake_fusion import FakeFusion
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID

TEXT = FakeFusion().to_json()


def replicas(count: int) -> list[UploadedModels]:
    """The uploaded models as seen by several processes on one store."""
    store = MemoryStore()
    return [UploadedModels(store, FakeFusion.from_json) for _ in range(count)]


async def test_every_replica_knows_an_uploaded_model_until_it_is_deleted() -> None:
    """A model uploaded to one replica is known to the others, and once deleted to none, even if used before."""
    here, there = replicas(2)
    model, replayed = await here.upload(TEXT, UUID.format(1))
    assert (FakeFusion(), False) == (await there.get(model.fusion_model_id), replayed)
    await here.delete(model.fusion_model_id, UUID.format(2))
    with pytest.raises(FusionModelNotFound):
        await there.get(model.fusion_model_id)


async def test_the_same_model_has_the_same_id() -> None:
    """A model uploaded twice, in different JSON layouts, is one model."""
    (models,) = replicas(1)
    other_layout = json.dumps(json.loads(TEXT), indent=4)
    uploaded = [await models.upload(text, UUID.format(n)) for n, text in enumerate((TEXT, other_layout))]
    assert 1 == len({model.fusion_model_id for model, _ in uploaded})
    assert ([FakeFusion()], "") == await models.page(0, "")


async def test_repetition_and_reuse_of_a_request_id() -> None:
    """A repeated request is answered; its request id with other content or another method is refused."""
    (models,) = replicas(1)
    model, _ = await models.upload(TEXT, UUID.format(1))
    assert (model, True) == await models.upload(TEXT, UUID.format(1))
    with pytest.raises(RequestIdReused):
        await models.upload(FakeFusion(share=0.7).to_json(), UUID.format(1))
    with pytest.raises(RequestIdReused):
        await models.delete(model.fusion_model_id, UUID.format(1))
    assert [False, True] == [await models.delete(model.fusion_model_id, UUID.format(2)) for _ in range(2)]


@pytest.mark.parametrize(
    "text", ["", "no JSON", "{}", "[" * 100_000, " " * MAX_BYTES + TEXT], ids=["empty", "text", "{}", "deep", "large"]
)
async def test_what_is_no_model_is_refused(text: str) -> None:
    """A text that is no model is refused, naming the field, and nothing is stored."""
    (models,) = replicas(1)
    with pytest.raises(FieldInvalid, match="model_json"):
        await models.upload(text, UUID.format(1))
    assert ([], "") == await models.page(0, "")


async def test_pages() -> None:
    """Three models come in pages of two; a negative page size is refused, and one above 100 means 100."""
    (models,) = replicas(1)
    for n in range(3):
        await models.upload(FakeFusion(share=n / 4).to_json(), UUID.format(n))
    first, token = await models.page(2, "")
    last, end = await models.page(2, token)
    ids = [each.fusion_model_id for each in (*first, *last)]
    assert (2, 1, "") == (len(first), len(last), end)
    assert sorted(ids) == ids
    with pytest.raises(FieldInvalid, match="page_size"):
        await models.page(-1, "")
    assert 3 == len((await models.page(101, ""))[0])


@pytest.mark.parametrize("model_id", ["", "a b", "x" * 129])
async def test_a_malformed_id_is_refused(model_id: str) -> None:
    """An id of the wrong form is refused, naming the field, and not looked up."""
    (models,) = replicas(1)
    for call in (models.get(model_id), models.delete(model_id, UUID.format(1))):
        with pytest.raises(FieldInvalid, match="fusion_model_id"):
            await call


async def test_a_model_that_this_version_cannot_read() -> None:
    """A stored model of another version gives an error that names it and says what to do."""
    store = MemoryStore(models={"fusion-1": "of another version"})
    with pytest.raises(StoreUnavailable, match="fusion-1") as caught:
        await UploadedModels(store, FakeFusion.from_json).get("fusion-1")
    assert "RECORD_UNREADABLE" == caught.value.reason
