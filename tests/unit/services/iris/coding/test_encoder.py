from __future__ import annotations

import numpy as np
import pytest

from infra.models.hardening.iris_phase import build
from infra.models.onnx_model import OnnxModel
from services.iris.coding.encoder import FRAGILE_SHARE, encode
from services.iris.template.features import BITS

COLUMN = np.arange(512, dtype=np.float32)


@pytest.fixture(scope="module")
def encoder() -> OnnxModel:
    """The encoder, built in this process."""
    return OnnxModel.from_bytes(build())


def run(encoder: OnnxModel, sheet: np.ndarray, visible: np.ndarray | None = None) -> list[np.ndarray]:
    """Responses and support."""
    shown = np.ones_like(sheet) if visible is None else visible
    return encoder.run(sheet=np.float32(sheet), visible=np.float32(shown))


def test_build_is_reproducible() -> None:
    """Building the graph twice gives the same bytes."""
    assert build() == build()


def test_batch(encoder: OnnxModel) -> None:
    """Sheets in a batch are encoded as singly."""
    sheets = np.random.default_rng(0).uniform(0, 255, (3, 64, 512)).astype(np.float32)

    together, _ = run(encoder, sheets)

    assert (3, 4, 16, 256) == together.shape
    np.testing.assert_allclose(np.concatenate([run(encoder, s[None])[0] for s in sheets]), together, atol=1e-4)


def test_columns_wrap_around(encoder: OnnxModel) -> None:
    """Rotating the sheet by two columns rotates the responses by one."""
    sheet = np.random.default_rng(0).uniform(0, 255, (1, 64, 512)).astype(np.float32)

    turned = run(encoder, np.roll(sheet, 2, axis=2))[0]

    np.testing.assert_allclose(np.roll(run(encoder, sheet)[0], 1, axis=3), turned, atol=1e-3)


def test_phase_of_a_wave(encoder: OnnxModel) -> None:
    """A cosine of the short wavelength gives a cosine in the real part and a negative sine in the imaginary part."""
    wave = np.broadcast_to(np.cos(2 * np.pi * 26 * COLUMN / 512), (1, 64, 512))  # period 19.7 columns

    real, imaginary = run(encoder, wave)[0][0, :2, 8]

    phase = 2 * np.pi * 26 * np.arange(256) * 2 / 512
    assert 0.99 < np.corrcoef(real, np.cos(phase))[0, 1]
    assert 0.99 < np.corrcoef(imaginary, -np.sin(phase))[0, 1]


def test_brightness_and_hidden_values_do_not_matter(encoder: OnnxModel) -> None:
    """Neither brightness nor hidden values change the responses."""
    rng = np.random.default_rng(0)
    sheet, visible = rng.uniform(0, 200, (1, 64, 512)), rng.random((1, 64, 512)) < 0.8

    plain = run(encoder, sheet, visible)[0]

    np.testing.assert_allclose(plain, run(encoder, sheet + 50, visible)[0], atol=1e-3)
    np.testing.assert_allclose(plain, run(encoder, np.where(visible, sheet, 255), visible)[0], atol=1e-3)


def test_support_is_the_visible_share(encoder: OnnxModel) -> None:
    """If all is visible, the support is 1 in the middle rows; if nothing is, 0."""
    visible = np.ones((1, 64, 512))
    visible[:, :, 128:384] = 0

    support = run(encoder, np.zeros((1, 64, 512)), visible)[1]

    np.testing.assert_allclose(support[0, 0, 4:12, 0], 1.0, atol=1e-3)
    np.testing.assert_allclose(support[0, 0, 4:12, 128], 0.0, atol=1e-3)


def test_hidden_and_fragile_bits_are_masked(encoder: OnnxModel) -> None:
    """A fifth of the supported bits is masked as fragile, and all bits of a hidden half."""
    sheet = np.random.default_rng(0).uniform(0, 255, (64, 512)).astype(np.float32)
    visible = np.ones((64, 512), bool)
    whole = np.bitwise_count(encode(encoder, sheet, visible).mask)
    visible[:, 128:384] = False
    half = np.bitwise_count(encode(encoder, sheet, visible).mask)

    assert whole.sum() <= (1 - FRAGILE_SHARE) * BITS + 4
    assert 0 == half[80:176].sum()
    assert 0 < half[:40].sum()
