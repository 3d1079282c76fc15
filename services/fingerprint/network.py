"""The network that finds minutiae: LEADER."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.models import load_bytes
from infra.onnx_model import OnnxModel
from services.fingerprint.features import Minutiae

MIN_CONFIDENCE = 0.35  # from 0.3 on the network gives directions
SIDE_MULTIPLE_PX = 32


class MinutiaeNetwork:
    """LEADER (Cappelli, Ferrara, arXiv 2602.15493, 2026), one image at a time, on one thread."""

    def __init__(self, model: OnnxModel) -> None:
        self._model = model

    @classmethod
    def load(cls) -> MinutiaeNetwork:
        """Load the hardened network from the model cache.

        Raises:
            ModelUnavailable: it is not there; `biofusion models` fetches it.
            ModelCorrupt: its bytes are not the manifest's.
        """
        return cls(OnnxModel.from_bytes(load_bytes("leader")))

    def detect(self, gray: NDArray[np.uint8]) -> Minutiae:
        """All minutiae of confidence 0.35 or more, by falling confidence.

        Args:
            gray: uint8, shape (height, width), 500 dpi.
        """
        height, width = gray.shape
        padded, top, left = _pad(gray)
        output = self._model.run(input=padded[None, :, :, None])[0][0, top : top + height, left : left + width]
        y, x = np.nonzero(output[..., 3] >= MIN_CONFIDENCE)
        _, angle, ending, confidence = output[y, x].T
        found = Minutiae(
            x=x.astype(np.float32),
            y=y.astype(np.float32),
            angle=(angle % np.float32(2 * np.pi)).astype(np.float32),
            bifurcation=ending < 0.5,
            confidence=np.clip(confidence, 0, 1).astype(np.float32),
        )
        return found.select(np.argsort(-found.confidence, kind="stable"))


def _pad(gray: NDArray[np.uint8]) -> tuple[NDArray[np.float32], int, int]:
    """Centre on a frame whose sides are multiples of 32 px, filled with the border's median grey."""
    height, width = gray.shape
    frame_height, frame_width = (-(-side // SIDE_MULTIPLE_PX) * SIDE_MULTIPLE_PX for side in gray.shape)
    top, left = (frame_height - height) // 2, (frame_width - width) // 2
    border = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    frame = np.full((frame_height, frame_width), np.median(border), np.float32)
    frame[top : top + height, left : left + width] = gray
    return frame, top, left
