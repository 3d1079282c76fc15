"""Hardens SFace: constants no longer inputs, int8 blocks to float32, BatchNorm folded, PRelu rewritten, any batch size.

Zhong et al., "SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition", IEEE TIP 2021.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ModelCorrupt
from infra.models.hardening import graph
from infra.models.hardening.prelu import replace_prelu
from infra.models.onnx_model import OnnxModel

TOLERANCE = 1e-4  # cosine distance between the original's and the hardened embedding
SIDE_PX = 112


def harden(original: bytes) -> bytes:
    """Rewrite the packaged block-int8 model into float32.

    Returns:
        A model with input `data` (n, 3, 112, 112) float32 RGB 0–255 and output `fc1` (n, 128).
    """
    model = graph.parse(original)
    values = graph.weights(model)
    graph.keep_inputs(model, ["data"])
    graph.dequantize_weights(model, values)
    for node in [node for node in model.graph.node if node.op_type == "Dropout"]:
        graph.remove_node(model, node, node.input[0])
    graph.fold_batch_norm(model, values)
    replace_prelu(model, values)
    graph.set_shape(model.graph.input[0], ["n", 3, SIDE_PX, SIDE_PX])
    graph.set_shape(model.graph.output[0], ["n", 128])
    return graph.to_bytes(model, values)


def check(original: bytes, hardened: bytes) -> None:
    """Compare the embeddings of a batch of generated images with the original's, computed one by one.

    Raises:
        ModelCorrupt: a cosine distance above 1e-4.
    """
    pictures = _pictures()
    distance = cosine_distance(original, hardened, pictures)
    if not distance <= TOLERANCE:
        raise ModelCorrupt(f"Hardened SFace differs from the original: cosine distance {distance:.2g}.")


def cosine_distance(original: bytes, hardened: bytes, faces: NDArray[np.float32]) -> float:
    """The largest cosine distance between the two models' embeddings of faces (n, 3, 112, 112)."""
    before = OnnxModel.from_bytes(original)
    unread = {name: np.zeros(shape, np.float32) for name, shape in before.inputs.items() if name != "data"}
    expected = np.concatenate([before.run(data=face[None], **unread)[0] for face in faces])
    actual = OnnxModel.from_bytes(hardened).run(data=faces)[0]
    norms = np.linalg.norm(expected, axis=1) * np.linalg.norm(actual, axis=1)
    return float(np.max(1.0 - np.sum(expected * actual, axis=1) / norms))


def _pictures() -> NDArray[np.float32]:
    """Noise at four scales, coarse to fine: (4, 3, 112, 112), 0–255."""
    random = np.random.default_rng(0)
    tiles = [random.uniform(0, 255, (3, SIDE_PX // block, SIDE_PX // block)) for block in (16, 8, 4, 1)]
    return np.stack([np.kron(tile, np.ones((SIDE_PX // tile.shape[1],) * 2)) for tile in tiles]).astype(np.float32)
