"""The minutiae network: rewritten and published graph, crop to the finger, fallback."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from biometrics.errors import ModelCorrupt, ModelUnavailable
from infra.images.decode import Image
from infra.models.manifest import manifest
from infra.models.model_cache import cache_dir, load_bytes
from infra.models.onnx_model import OnnxModel
from infra.models.supply import ensure
from services.fingerprint.extraction import network
from services.fingerprint.extraction.network import MinutiaeNetwork, crop
from services.fingerprint.extraction.segmentation import find_finger
from services.fingerprint.template.features import CELL_PX, Minutiae, mask_shape

CONFIDENCE_TOLERANCE = 1e-4
ANGLE_TOLERANCE = 1e-4  # rad


@pytest.fixture(scope="module", autouse=True)
def _cached() -> None:
    """Both graphs, fetched into the cache if needed."""
    ensure([manifest().models[name] for name in (network.HARDENED, network.PUBLISHED)])


@pytest.fixture(scope="module")
def hardened() -> MinutiaeNetwork:
    """The network with the rewritten graph."""
    return MinutiaeNetwork.load()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate cache with both graphs; returns their folder."""
    folder = tmp_path / "models"
    folder.mkdir()
    for name in (network.HARDENED, network.PUBLISHED):
        shutil.copy(cache_dir() / "models" / f"{name}.onnx", folder)
    monkeypatch.setenv("BIOFUSION_CACHE_DIR", str(tmp_path))
    return folder


def everywhere(gray: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A mask in which every cell shows the finger."""
    return np.ones(mask_shape(gray.shape[1], gray.shape[0]), np.bool_)


def places(finger: NDArray[np.bool_], found: Minutiae) -> NDArray[np.float32]:
    """Positions of the minutiae on the finger's cells, shape (n, 2)."""
    kept = found.select(finger[(found.y // CELL_PX).astype(np.intp), (found.x // CELL_PX).astype(np.intp)])
    return np.column_stack([kept.x, kept.y])


@pytest.mark.parametrize("number", [1, 3])
def test_both_graphs_find_the_same_minutiae(hardened: MinutiaeNetwork, fingers: list[Image], number: int) -> None:
    """Positions and types are equal, confidences within 1e-4, directions within 1e-4 rad."""
    gray = fingers[number - 1].gray
    finger = find_finger(gray).mask
    expected, actual = MinutiaeNetwork.load_published().detect(gray, finger), hardened.detect(gray, finger)
    assert len(expected) > 30
    order, other = (np.lexsort((found.x, found.y)) for found in (expected, actual))
    expected, actual = expected.select(order), actual.select(other)
    assert expected.x.tolist() == actual.x.tolist()
    assert expected.y.tolist() == actual.y.tolist()
    assert expected.bifurcation.tolist() == actual.bifurcation.tolist()
    assert expected.confidence == pytest.approx(actual.confidence, abs=CONFIDENCE_TOLERANCE)
    turned = np.abs((expected.angle - actual.angle + np.pi) % (2 * np.pi) - np.pi)
    assert turned.max() <= ANGLE_TOLERANCE


def test_the_crop_keeps_the_minutiae(hardened: MinutiaeNetwork, fingers: list[Image]) -> None:
    """With a crop under 60 % of the frame, nineteen of twenty minutiae stay within 2 px, in both directions."""
    wide = np.full((640, 640), 255, np.uint8)
    wide[48:548, 96:496] = fingers[0].gray
    finger = find_finger(wide).mask
    assert crop(wide, finger)[0].size < 0.6 * wide.size
    expected, actual = (places(finger, hardened.detect(wide, cells)) for cells in (everywhere(wide), finger))
    near = np.abs(expected[:, None] - actual).max(axis=2) <= 2
    assert len(expected) > 30
    assert near.any(axis=1).mean() >= 0.95
    assert near.any(axis=0).mean() >= 0.95


def test_the_crop_is_the_finger_and_its_margin_on_the_frames_grid() -> None:
    """A 300×200 px image lies 10 px inside a 320×224 px frame; its crop begins and ends on multiples of 32 px there."""
    gray = np.arange(200 * 300, dtype=np.uint32).reshape(200, 300).astype(np.uint8)
    finger = np.zeros(mask_shape(300, 200), np.bool_)
    finger[6:8, 9] = True  # rows 96–127 and columns 144–159
    frame, top, left = crop(gray, finger)
    assert ((64 - 12, 96 - 10), (128, 128)) == ((top, left), frame.shape)
    assert np.array_equal(gray[top : top + 128, left : left + 128], frame)


def test_a_whole_image_is_padded_with_its_borders_grey() -> None:
    """Nothing is cropped if all is finger; the padding has the median of the border."""
    gray = np.full((100, 120), 200, np.uint8)
    gray[10:90, 10:110] = 30
    frame, top, left = crop(gray, everywhere(gray))
    assert (128, 128) == frame.shape
    assert (-14, -4) == (top, left)
    assert 200 == frame[0, 0] == frame[-1, -1]
    assert np.array_equal(gray, frame[14:114, 4:124])


def test_images_run_together_as_they_do_alone(fingers: list[Image]) -> None:
    """A batch of two gives the results of single runs, except direction and type at the first pixel."""
    model = OnnxModel.from_bytes(load_bytes(network.HARDENED))
    batch = np.stack([finger.gray[100:292, 100:260, None] for finger in fingers[:2]]).astype(np.float32)
    together = model.run(input=batch)[0]
    alone = np.concatenate([model.run(input=image[None])[0] for image in batch])
    assert np.all(np.count_nonzero(alone[..., 3] >= network.MIN_CONFIDENCE, axis=(1, 2)) > 0)
    together[:, 0, 0, 1:3] = alone[:, 0, 0, 1:3] = 0
    assert together == pytest.approx(alone, abs=1e-5)


def test_the_rewritten_graph_is_preferred(hardened: MinutiaeNetwork) -> None:
    """If both are in the cache, the faster one is loaded."""
    assert network.HARDENED == hardened.name


def test_the_published_graph_replaces_a_missing_rewritten_one(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As after a failed check at set-up; a warning is logged."""
    (cache / "leader.onnx").unlink()
    with caplog.at_level(logging.WARNING):
        assert network.PUBLISHED == MinutiaeNetwork.load().name
    assert "biofusion models" in caplog.text


def test_the_published_graph_replaces_a_rewritten_one_that_cannot_run(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The manifest's bytes are refused by onnxruntime, here since they are no model at all."""
    monkeypatch.setattr(network, "load_bytes", lambda name: b"" if name == network.HARDENED else load_bytes(name))
    with caplog.at_level(logging.WARNING):
        assert network.PUBLISHED == MinutiaeNetwork.load().name
    assert "onnxruntime cannot load" in caplog.text


def test_changed_bytes_are_refused(cache: Path) -> None:
    """A rewritten graph with one changed byte is an error; the published one is not used."""
    path = cache / "leader.onnx"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelCorrupt):
        MinutiaeNetwork.load()


def test_without_either_graph_there_is_no_network(cache: Path) -> None:
    """If both are missing, ModelUnavailable names the command to run."""
    shutil.rmtree(cache)
    with pytest.raises(ModelUnavailable, match="biofusion models"):
        MinutiaeNetwork.load()
