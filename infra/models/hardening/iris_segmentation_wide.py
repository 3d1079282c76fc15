"""Returns this project's second iris segmentation network: `docs/measurements/model_cards/iris-segmentation.md`.

`python -m training.iris` makes it. That takes too long for set-up, so the file is kept in this folder.
"""

from __future__ import annotations

from pathlib import Path

from infra.models.hardening.iris_segmentation import in_planes

FILE = Path(__file__).with_suffix(".onnx")


def build() -> bytes:
    """Return the network as it was trained; input and output as those of `iris_segmentation`."""
    return in_planes(FILE.read_bytes())
