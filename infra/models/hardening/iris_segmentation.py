"""Returns the iris segmentation network trained by this project: `docs/measurements/model_cards/iris-segmentation.md`.

`python -m training.iris` makes it. That takes too long for set-up, so the file is kept in this folder.
"""

from __future__ import annotations

from pathlib import Path

from infra.models.hardening.graph import parse, remove_node, set_shape, to_bytes, weights

FILE = Path(__file__).with_suffix(".onnx")


def build() -> bytes:
    """Return the network as it was trained, but for its last step, which onnxruntime takes long for.

    Input: `images`, float32 (batch, 128, 160), grey levels.
    Output: `masks`, float32 (batch, 16, 64, 80): the probabilities 0–1 of each 2×2 pixels that they belong to the disc
    inside the limbus, the pupil's disc (both including what lids cover), the eye's opening, and lashes or specular
    reflections: four planes of each, for the pixel above left, above right, below left and below right.
    """
    return in_planes(FILE.read_bytes())


def in_planes(trained: bytes) -> bytes:
    """Leave out the step that puts pixels side by side: the caller does it in a fraction of the time."""
    model = parse(trained)
    (spread,) = (node for node in model.graph.node if node.op_type == "DepthToSpace")
    remove_node(model, spread, spread.input[0])
    set_shape(model.graph.output[0], ("batch", 16, 64, 80))
    return to_bytes(model, weights(model))
