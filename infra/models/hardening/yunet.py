"""Hardens YuNet: constants no longer inputs, int8 blocks to float32, any image size.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 2023.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ModelCorrupt
from infra.models.hardening import graph
from infra.models.onnx_model import OnnxModel

TOLERANCE = 1e-4  # of scores (0–1) and of offsets in strides
SIDE_PX = 640  # the only size that the original accepts
OTHER_SIZES_PX = ((320, 320), (256, 352))  # height, width
NUMBERS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def harden(original: bytes) -> bytes:
    """Rewrite the packaged block-int8 model into float32 of dynamic size.

    Returns:
        A model with input `input` (1, 3, h, w) float32 BGR 0–255, h and w multiples of 32, and outputs
        `cls_S`, `obj_S`, `bbox_S`, `kps_S` of shape (1, h·w/S², 1|1|4|10) for strides S of 8, 16, 32.
    """
    model = graph.parse(original)
    values = graph.weights(model)
    graph.keep_inputs(model, ["input"])
    graph.dequantize_weights(model, values)
    graph.set_shape(model.graph.input[0], [1, 3, "h", "w"])
    for output in model.graph.output:
        kind, stride = output.name.split("_")
        graph.set_shape(output, [1, f"cells_{stride}", NUMBERS[kind]])
    return graph.to_bytes(model, values)


def check(original: bytes, hardened: bytes) -> None:
    """Compare all outputs on a generated image, and run two other sizes.

    The original runs in OpenCV: onnxruntime refuses its per-tensor DequantizeLinear with a block size.

    Raises:
        ModelCorrupt: an output differs by more than 1e-4, or has another shape than promised.
    """
    picture, after = _picture(), OnnxModel.from_bytes(hardened)
    expected = _run_original(original, picture, after.outputs)
    pairs = zip(expected, after.run(input=picture), strict=True)
    difference = max(float(np.max(np.abs(before - now))) for before, now in pairs)
    if not difference <= TOLERANCE:
        raise ModelCorrupt(f"Hardened YuNet differs from the original by {difference:.2g}.")
    for height, width in OTHER_SIZES_PX:
        outputs = after.run(input=picture[:, :, :height, :width])
        for name, output in zip(after.outputs, outputs, strict=True):
            if output.shape[1] * int(name.split("_")[1]) ** 2 != height * width:
                raise ModelCorrupt(f"Hardened YuNet does not take {width}×{height} px.")


def _run_original(original: bytes, picture: NDArray[np.float32], outputs: tuple[str, ...]) -> list[NDArray[np.float32]]:
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(original, np.uint8))
        net.setInput(picture)
        return [np.asarray(output, np.float32) for output in net.forward(outputs)]
    except cv2.error as error:
        raise ModelCorrupt("OpenCV cannot run the original YuNet.") from error


def _picture() -> NDArray[np.float32]:
    """Noise of 8×8 px blocks: (1, 3, 640, 640), 0–255."""
    tile = np.random.default_rng(0).uniform(0, 255, (1, 3, SIDE_PX // 8, SIDE_PX // 8))
    return np.kron(tile, np.ones((8, 8))).astype(np.float32)
