"""Fusion models over gRPC, with two replicas of the fusion service on one store."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from biofusion.fusion.v1 import decisions_pb2, fusion_models_pb2
from biofusion.type.v1 import decision_pb2, modality_pb2

from biometrics.score_fusion.parts import Provenance
from cli.stubs import FusionStubs
from evaluation.fusion.fit import fit_fusion
from evaluation.made_up_scores import made_up_scores
from fusion.__main__ import assemble
from infra.serving.server import Server
from infra.settings import Settings
from infra.wire.status import error_info
from tests.support.fake_fusion import FakeFusion
from tests.support.stores.sqlite_store import sqlite_store

Stub = FusionStubs
INVALID, NOT_FOUND = grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND
UNCALIBRATED = grpc.StatusCode.FAILED_PRECONDITION


@pytest.fixture
async def replicas(tmp_path: Path) -> AsyncIterator[tuple[Stub, Stub]]:
    """Stubs of two servers that share a file; they have no matching services."""
    settings = Settings(port=0)
    stores = [sqlite_store(tmp_path / "store.db") for _ in range(2)]
    servers = [Server(settings, 0) for _ in stores]
    for server, store in zip(servers, stores, strict=True):
        await server.start(assemble({}, store, settings, FakeFusion.from_json))
    channels = [grpc.aio.insecure_channel(server.address) for server in servers]
    yield Stub(channels[0]), Stub(channels[1])
    for each in (*channels, *stores):
        await each.close()
    for server in servers:
        await server.stop()


def upload(model: FakeFusion, **fields: str) -> fusion_models_pb2.UploadFusionModelRequest:
    """A request to upload a model."""
    given = {"request_id": str(uuid.uuid4()), "model_json": model.to_json(), **fields}
    return fusion_models_pb2.UploadFusionModelRequest(**given)


def fuse(model_id: str, *scores: dict[str, Any], **fields: Any) -> decisions_pb2.FuseScoresRequest:
    """A request to fuse scores by an uploaded model."""
    named = [decisions_pb2.NamedScore(**score) for score in scores]
    return decisions_pb2.FuseScoresRequest(scores=named, fusion_model_id=model_id, **fields)


async def refused(call: Any, request: Any) -> tuple[grpc.StatusCode, str, str]:
    """Status, reason and message of a call that fails."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request)
    info = error_info(caught.value.trailing_metadata())
    return caught.value.code(), info.reason, str(caught.value.details())


async def test_a_model_as_fit_writes_it(tmp_path: Path) -> None:
    """A fitted model can be uploaded over gRPC, and decides as in process."""
    provenance = Provenance("made up", "2026-01-01", "none", 0, 0, 0, 5, 0.0, 0.0)
    fitted = fit_fusion(made_up_scores(60), provenance, progress=lambda _done, _total: None)
    store, server = sqlite_store(tmp_path / "store.db"), Server(Settings(port=0), 0)
    await server.start(assemble({}, store, Settings(port=0)))
    async with grpc.aio.insecure_channel(server.address) as channel:
        stub = Stub(channel)
        request = fusion_models_pb2.UploadFusionModelRequest(request_id=str(uuid.uuid4()), model_json=fitted.to_json())
        uploaded = (await stub.models.UploadFusionModel(request)).model
        model_id = uploaded.fusion_model_id
        scores = ({"comparator_id": "face-a", "score": 0.7}, {"comparator_id": "finger-right", "score": 150.0})
        decision = (await stub.decisions.FuseScores(fuse(model_id, *scores, fmr=1e-2))).decision
    assert (fitted.fusion_model_id, decision_pb2.OUTCOME_MATCH) == (model_id, decision.outcome)
    row = np.array([[0.7, np.nan, np.nan, 150.0]])
    assert pytest.approx(float(fitted.llr(row)[0])) == decision.llr
    assert pytest.approx(float(fitted.fuse(row).fmr[0])) == decision.observed_fmr
    assert pytest.approx(fitted.calibration(0b1001).threshold(1e-2)) == decision.match_threshold_llr
    carried = {tuple(each.comparator_ids): each for each in uploaded.patterns}
    by, counts = carried["face-a", "finger-right"], fitted.calibration(0b1001).counts
    assert (counts.mated, counts.non_mated, counts.people) == (by.mated_count, by.non_mated_count, by.subject_count)
    assert pytest.approx(3.0 / counts.non_mated_effective) == by.lowest_fmr
    await store.close()
    await server.stop()


async def test_scores_of_own_comparators(replicas: tuple[Stub, Stub]) -> None:
    """A model uploaded to one replica decides at the other, with each comparator's LLR, the correction and the sum."""
    here, there = replicas
    model = (await here.models.UploadFusionModel(upload(FakeFusion()))).model
    assert (["a", "b", "c"], 3_000_000, 6.0) == (list(model.comparator_ids), model.non_mated_count, model.max_llr)
    scores = ({"comparator_id": "a", "score": 5.0}, {"comparator_id": "c", "score": 99.0})
    decision = (await there.decisions.FuseScores(fuse(model.fusion_model_id, *scores, fmr=1e-5))).decision
    alone = [(e.comparison.comparator_id, e.comparison.llr, e.comparison.fmr) for e in decision.evidence]
    assert [("a", 5.0, 1e-5), ("c", 6.0, 1e-6)] == alone
    assert (5.5, -5.5, decision_pb2.OUTCOME_MATCH) == (decision.llr, decision.dependence_llr, decision.outcome)
    assert model.fusion_model_id == decision.fusion_model_id
    assert 0.1 * 10.0**-5.5 == pytest.approx(decision.observed_fmr)


async def test_optional_facts_about_scores(replicas: tuple[Stub, Stub]) -> None:
    """Modality, position, quality and missing positions are accepted and returned with the evidence."""
    here, _ = replicas
    model_id = (await here.models.UploadFusionModel(upload(FakeFusion()))).model.fusion_model_id
    eye = {"modality": modality_pb2.MODALITY_IRIS, "position": modality_pb2.POSITION_LEFT_EYE}
    score = {"comparator_id": "a", "score": 5.0, "comparison_count": 10, "quality": 12.0, **eye}
    finger = {"modality": 2, "position": modality_pb2.POSITION_RIGHT_INDEX, "reason": 1}
    decision = (await here.decisions.FuseScores(fuse(model_id, score, missing=[finger]))).decision
    found, missing = decision.evidence
    assert (eye["modality"], eye["position"], 12.0, 4.0) == (
        found.modality,
        found.position,
        found.quality,
        found.comparison.llr,
    )
    assert decision_pb2.EVIDENCE_STATUS_PROBE_MISSING == missing.status
    assert decision_pb2.DECISION_REASON_POOR_QUALITY == decision.reasons[0]


async def test_bad_scores(replicas: tuple[Stub, Stub]) -> None:
    """Errors name an unknown comparator with the known ones, an invalid field, and an unknown model."""
    here, _ = replicas
    model_id = (await here.models.UploadFusionModel(upload(FakeFusion()))).model.fusion_model_id
    code, reason, message = await refused(
        here.decisions.FuseScores, fuse(model_id, {"comparator_id": "z", "score": 1.0})
    )
    assert (UNCALIBRATED, "COMPARATOR_UNCALIBRATED", True) == (code, reason, "a, b, c" in message)
    good = {"comparator_id": "a", "score": 1.0}
    for bad, field in (
        ({"score": float("nan")}, "scores[1].score"),
        ({"score": float("-inf")}, "scores[1].score"),
        ({"quality": 101.0}, "scores[1].quality"),
        ({"position": modality_pb2.POSITION_LEFT_EYE}, "scores[1].modality"),
        ({"comparison_count": -1}, "scores[1].comparison_count"),
    ):
        code, _, message = await refused(here.decisions.FuseScores, fuse(model_id, good, {**good, **bad}))
        assert (INVALID, True) == (code, message.startswith(field)), message
    assert (NOT_FOUND, "FUSION_MODEL_NOT_FOUND") == (
        await refused(here.decisions.FuseScores, fuse("fusion-none", good))
    )[:2]
    assert INVALID == (await refused(here.decisions.FuseScores, fuse("", good)))[0]


async def test_upload_list_delete(replicas: tuple[Stub, Stub]) -> None:
    """Uploads and deletions are idempotent, pages list every model once, and text that is no model is refused."""
    here, there = replicas
    request = upload(FakeFusion())
    assert [False, True] == [(await each.models.UploadFusionModel(request)).replayed for each in (here, there)]
    await there.models.UploadFusionModel(upload(FakeFusion(share=0.7)))
    first = await here.models.ListFusionModels(fusion_models_pb2.ListFusionModelsRequest(page_size=1))
    second = await there.models.ListFusionModels(
        fusion_models_pb2.ListFusionModelsRequest(page_size=1, page_token=first.next_page_token)
    )
    ids = [each.fusion_model_id for page in (first, second) for each in page.models]
    assert (2, "") == (len(set(ids)), second.next_page_token)
    delete = fusion_models_pb2.DeleteFusionModelRequest(fusion_model_id=ids[0], request_id=str(uuid.uuid4()))
    assert [False, True] == [(await each.models.DeleteFusionModel(delete)).replayed for each in (here, there)]
    again = fusion_models_pb2.DeleteFusionModelRequest(fusion_model_id=ids[0], request_id=str(uuid.uuid4()))
    assert NOT_FOUND == (await refused(here.models.DeleteFusionModel, again))[0]
    for bad in ({"model_json": "{}"}, {"request_id": "1"}):
        assert INVALID == (await refused(here.models.UploadFusionModel, upload(FakeFusion(), **bad)))[0]
    assert 1 == len((await there.models.ListFusionModels(fusion_models_pb2.ListFusionModelsRequest())).models)
