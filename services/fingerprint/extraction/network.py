"""Runs LEADER, the network that detects minutiae."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ModelCorrupt, ModelUnavailable
from infra.models.model_cache import load_bytes
from infra.models.onnx_model import OnnxModel
from services.fingerprint.template.features import CELL_PX, Minutiae

MIN_CONFIDENCE = 0.35  # directions are computed from 0.3 on
SIDE_MULTIPLE_PX = 32  # five poolings by two; another grid would pool other values
MARGIN_PX = 32
"""Margin around the finger. With a smaller one the image's edge changes the result: the layers' receptive field exceeds
400 px, though distant pixels contribute little."""

HARDENED, PUBLISHED = "leader", "leader-published"

log = logging.getLogger("biofusion.fingerprint")


class MinutiaeNetwork:
    """LEADER (Cappelli, Ferrara, arXiv 2602.15493, 2026), one image at a time, on one thread.

    Normally the rewritten graph (infra/models/hardening/leader.py) runs. If onnxruntime cannot run it, the published
    graph does, which finds the same minutiae 3.4–3.8 times as slowly.

    Args:
        model: one of the two graphs.
        name: its name in `models.toml`.
    """

    def __init__(self, model: OnnxModel, name: str) -> None:
        self._model = model
        self.name = name

    @classmethod
    def load(cls) -> MinutiaeNetwork:
        """Load the rewritten graph from the model cache; failing that, with a logged warning, the published one.

        The published one is used if the rewritten one was not made (its check failed on this machine) or if onnxruntime
        lacks one of its operators, but not if the file's bytes have changed.

        Raises:
            ModelUnavailable: neither is in the cache; `biofusion models` fetches them.
            ModelCorrupt: the bytes are not the manifest's, or onnxruntime can run neither.
        """
        try:
            data = load_bytes(HARDENED)
        except ModelCorrupt:
            raise
        except ModelUnavailable as error:
            return cls._fall_back(error)
        try:
            return cls(OnnxModel.from_bytes(data), HARDENED)
        except ModelCorrupt as error:
            return cls._fall_back(error)

    @classmethod
    def load_published(cls) -> MinutiaeNetwork:
        """Load the published graph. Raises as `load`."""
        return cls(OnnxModel.from_bytes(load_bytes(PUBLISHED)), PUBLISHED)

    @classmethod
    def _fall_back(cls, error: ModelUnavailable) -> MinutiaeNetwork:
        network = cls.load_published()
        log.warning("%s Until then LEADER runs as published: the same minutiae, several times as slowly.", error)
        return network

    def detect(self, gray: NDArray[np.uint8], finger: NDArray[np.bool_]) -> Minutiae:
        """The minutiae of confidence 0.35 or more on and near the finger, by falling confidence.

        1. Crop to the finger and 32 px around it, on a grid of 32 px.
        2. Run the network; keep the pixels with enough confidence.

        Args:
            gray: uint8, shape (height, width), 500 dpi.
            finger: bool, shape (⌈height/16⌉, ⌈width/16⌉), of cells of 16 × 16 px; at least one is True.
        """
        frame, top, left = crop(gray, finger)
        output = self._model.run(input=frame[None, :, :, None])[0][0]
        return _minutiae(output, gray.shape, top, left)


def crop(gray: NDArray[np.uint8], finger: NDArray[np.bool_]) -> tuple[NDArray[np.float32], int, int]:
    """The part of an image that is fed to the network; arguments as `MinutiaeNetwork.detect`.

    The image is first centred on a frame whose sides are multiples of 32 px, and the crop lies on the frame's grid:
    so the same pixels are pooled together as without the crop.

    Returns:
        Its grey levels, with sides that are multiples of 32 px, and the image's row and column at which it begins (may
        be negative).
    """
    frame, top, left = _pad(gray)
    held_rows, held_columns = np.nonzero(finger)
    rows = _span(held_rows, top, frame.shape[0])
    columns = _span(held_columns, left, frame.shape[1])
    return frame[rows, columns], rows.start - top, columns.start - left


def _pad(gray: NDArray[np.uint8]) -> tuple[NDArray[np.float32], int, int]:
    """Centre the image on a frame whose sides are multiples of 32 px, filled with the border's median grey."""
    height, width = gray.shape
    frame_height, frame_width = (-(-side // SIDE_MULTIPLE_PX) * SIDE_MULTIPLE_PX for side in gray.shape)
    top, left = (frame_height - height) // 2, (frame_width - width) // 2
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    frame = np.full((frame_height, frame_width), np.median(border), np.float32)
    frame[top : top + height, left : left + width] = gray
    return frame, top, left


def _span(held: NDArray[np.intp], offset: int, side: int) -> slice:
    """Rows or columns of the frame that cover the cells and the margin, extended to the grid.

    Args:
        held: rows or columns of the cells that contain the finger.
        offset: px at which the first row or column of cells begins.
        side: of the frame, px.
    """
    first = offset + int(held.min()) * CELL_PX - MARGIN_PX
    last = offset + (int(held.max()) + 1) * CELL_PX + MARGIN_PX
    start, stop = first // SIDE_MULTIPLE_PX, -(-last // SIDE_MULTIPLE_PX)
    return slice(max(0, start * SIDE_MULTIPLE_PX), min(side, stop * SIDE_MULTIPLE_PX))


def _minutiae(output: NDArray[np.float32], shape: tuple[int, int], top: int, left: int) -> Minutiae:
    """The minutiae in an output whose first pixel is row `top` and column `left` of an image of this shape."""
    y, x = np.nonzero(output[..., 3] >= MIN_CONFIDENCE)
    inside = (y >= -top) & (y < shape[0] - top) & (x >= -left) & (x < shape[1] - left)
    y, x = y[inside], x[inside]
    _, angle, ending, confidence = output[y, x].T
    found = Minutiae(
        x=(x + left).astype(np.float32),
        y=(y + top).astype(np.float32),
        angle=(angle % np.float32(2 * np.pi)).astype(np.float32),
        bifurcation=ending < 0.5,
        confidence=np.clip(confidence, 0, 1).astype(np.float32),
    )
    return found.select(np.argsort(-found.confidence, kind="stable"))
