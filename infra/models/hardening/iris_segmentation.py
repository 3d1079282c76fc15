"""Returns the iris segmentation network trained by this project: `docs/measurements/model_cards/iris-segmentation.md`.

`python -m training.iris` makes it. That takes too long for set-up, so the file is kept in this folder.
"""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).with_suffix(".onnx")


def build() -> bytes:
    """Return the network as it was trained.

    Input: `images`, float32 (batch, 128, 160), grey levels.
    Output: `masks`, float32 (batch, 4, 128, 160): per pixel the probabilities 0–1 that it belongs to the disc inside
    the limbus, the pupil's disc (both including what lids cover), the eye's opening, and lashes or specular
    reflections.
    """
    return FILE.read_bytes()
