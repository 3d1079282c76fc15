"""What is sealed with a case: who can open it, and that nothing can once its key is destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from biofusion.review.v1 import review_pb2
from biofusion.type.v1 import modality_pb2, sample_pb2

from gallery.store.documents.port import Document
from gallery.store.subject_store import PartitionedStore
from review.changes import withdrawn
from review.keeping.vault import SEALED, Label, Vault
from review.wire.requests import place_of
from tests.contract.conftest import OpenStore
from tests.support.review.desk import SAME, Desk, desk_of, new_request

PICTURE = b"\x89PICTURE " + bytes(range(256)) * 8000
"""Longer than two parts."""
TEMPLATE = sample_pb2.Template(model_id="m", data=b"template")


def sample(**fields: Any) -> review_pb2.ReviewSample:
    """A face with what is to be sealed."""
    return review_pb2.ReviewSample(modality=modality_pb2.MODALITY_FACE, **fields)


def asked(name: str, index: int = 0) -> review_pb2.OpenSealedSampleRequest:
    """A request for what is sealed with a sample of the probe."""
    return review_pb2.OpenSealedSampleRequest(name=name, side=review_pb2.REVIEW_SIDE_PROBE, sample_index=index)


async def sealed_case(desk: Desk) -> str:
    """A case with a picture and a template."""
    return await desk.opened(probe_samples=[sample(image=PICTURE, template=TEMPLATE), sample(image_reference="r-1")])


@dataclass(frozen=True)
class Copied:
    """What somebody copied of a case while it was open: the place of its key, and all that is sealed with it."""

    label: Label
    key: str
    parts: list[Document]

    @classmethod
    async def of(cls, desk: Desk, name: str) -> Copied:
        """Copy it, and see that it can be opened."""
        case = await desk.process.kept.cases.get(name)
        copied = cls(
            Label(case.id, case.sealed_expire_time),
            case.key,
            await desk.store.backend.documents.list(SEALED, "", 10, f"{case.id}/"),
        )
        assert PICTURE == await copied.opened(desk.store)
        return copied

    async def opened(self, store: PartitionedStore) -> bytes | None:
        """The picture, as this store opens it."""
        return await Vault(store).open(self.label, self.key, place_of("probe_samples", 0, "image"))

    async def require_gone(self, desk: Desk, store: PartitionedStore) -> None:
        """Nothing is left in the store; and if the copy is put back, neither this process nor another can open it."""
        documents = desk.store.backend.documents
        assert "" == (await desk.process.kept.cases.get(f"reviewCases/{self.label.case_id}")).key
        assert [] == await documents.list(SEALED, "", 10, f"{self.label.case_id}/")
        for each in self.parts:
            await documents.put(SEALED, each.key, each.body, 0)
        assert [None, None] == [await self.opened(each) for each in (desk.store, store)]


async def test_only_who_has_claimed_a_case_opens_it(desk: Desk) -> None:
    """The present claimant gets the same bytes; nobody else gets any; in the store there is no part of them."""
    name = await sealed_case(desk)
    first, second = desk.person("first"), desk.person("second")
    assert "CASE_STATE" == await first.refused("OpenSealedSample", asked(name))
    shown = await first.claim(name)
    assert [(True, True), (False, False)] == [(each.has_image, each.has_template) for each in shown.probe_samples]
    opened = await first.call("OpenSealedSample", asked(name))
    assert (PICTURE, TEMPLATE) == (opened.image, opened.template)
    assert "SEALED_GONE" == await first.refused("OpenSealedSample", asked(name, 1))
    assert "CASE_STATE" == await second.refused("OpenSealedSample", asked(name))
    parts = await desk.store.backend.documents.list(SEALED, "", 10)
    assert 4 == len(parts)
    assert not any(PICTURE[:64] in each.body or TEMPLATE.data in each.body for each in parts)


@pytest.mark.parametrize("how", ["decided", "withdrawn", "expired", "sealing expired", "erased"])
async def test_the_key_is_destroyed(desk: Desk, open_store: OpenStore, how: str) -> None:
    """After decision, withdrawal, either expiry or erasure, nothing in the database decrypts."""
    name = await sealed_case(desk)
    copied = await Copied.of(desk, name)
    match how:
        case "decided":
            await desk.person("first").look(name, SAME)
            await desk.person("second").look(name, SAME)
        case "withdrawn":
            await desk.person().call("WithdrawReviewCase", review_pb2.WithdrawReviewCaseRequest(name=name))
        case "expired":
            desk.clock.now += 14 * 24 * 3600
            await desk.process.upkeep.look()
        case "sealing expired":
            desk.clock.now += 72 * 3600
            await desk.process.upkeep.look()
            assert review_pb2.REVIEW_STATE_OPEN == (await desk.person().get(name)).state
        case "erased":
            await desk.process.erasures.step(0.0)
            await desk.store.delete("ann", "11111111-1111-4111-8111-111111111111", "d")
            await desk.process.erasures.step(5.0)
    await copied.require_gone(desk, open_store())
    assert 1 == [each[:2] for each in desk.seen.events].count((name, "KEY_DESTROYED"))


async def test_the_end_of_sealing_needs_no_upkeep(desk: Desk) -> None:
    """What has expired is not opened, also before its key is destroyed."""
    name = await sealed_case(desk)
    desk.clock.now += 72 * 3600
    await desk.person("first").claim(name)
    assert "SEALED_GONE" == await desk.person("first").refused("OpenSealedSample", asked(name))


async def test_an_end_that_is_interrupted_leaves_no_key(desk: Desk, open_store: OpenStore) -> None:
    """A key whose case was ended by a process that stopped at once is destroyed by upkeep."""
    name = await sealed_case(desk)
    copied = await Copied.of(desk, name)
    await desk.process.kept.cases.change(name, lambda own: withdrawn(own, "", desk.clock()))
    assert PICTURE == await copied.opened(desk.store)
    await desk.process.upkeep.look()
    await copied.require_gone(desk, open_store())


async def test_pictures_are_refused_by_default(open_store: OpenStore) -> None:
    """Without the setting, a sample with a picture is refused, and nothing is stored."""
    async with desk_of(open_store()) as desk:
        request = new_request(probe_samples=[sample(image=PICTURE)])
        assert "IMAGES_NOT_KEPT" == await desk.person().refused("CreateReviewCase", request)
        assert [] == await desk.person().names()
