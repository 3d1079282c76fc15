"""The iris segmentation network that this project trained: `docs/measurements/model_cards/iris-segmentation.md`.

It is made by `python -m training.iris`, which takes too long to be done at set-up, so the file lies here.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_suffix(".onnx")


def build() -> bytes:
    """Return the network as it was trained.

    Input: `images`, float32 (batch, 128, 160), grey levels.
    Output: `masks`, float32 (batch, 4, 128, 160): the probabilities 0–1 that a pixel belongs to the disc inside the
    limbus, to the pupil's disc (both with what lids hide of them), to the eye's opening, and to lashes or mirrored
    light.
    """
    return FILE.read_bytes()
