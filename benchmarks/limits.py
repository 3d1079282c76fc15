"""Physical limits of the machine, measured in the same run."""

from __future__ import annotations

import time

import numpy as np
import onnx

from infra.models.onnx_model import OnnxModel

SIDE = 1024


def sgemm_flops_per_s() -> float:
    """Floating point operations a second of one thread in a large float32 matrix product, best of 5."""
    a = np.ones((SIDE, SIDE), np.float32)
    return 2 * SIDE**3 / min(_seconds(a) for _ in range(5))


def read_bytes_per_s() -> float:
    """Bytes a second of one thread summing 256 MB, best of 5."""
    block = np.ones(2**26, np.float32)
    return float(block.nbytes / min(_seconds_to_sum(block) for _ in range(5)))


def convolution_ms(model: bytes, **inputs: np.ndarray) -> float:
    """Time of a model's convolutions and matrix products at the measured sgemm rate.

    Their output sizes are taken from one run on these inputs.
    """
    proto = onnx.load_from_string(model)
    weights = {each.name: list(each.dims) for each in proto.graph.initializer}
    products = [n for n in proto.graph.node if n.op_type in ("Conv", "Gemm") and n.input[1] in weights]
    del proto.graph.output[:]
    proto.graph.output.extend(onnx.ValueInfoProto(name=node.output[0]) for node in products)
    outputs = OnnxModel.from_bytes(proto.SerializeToString()).run(**inputs)
    flops = sum(
        2 * output.size * np.prod(weights[node.input[1]][1:]) for node, output in zip(products, outputs, strict=True)
    )
    return float(1000 * flops / sgemm_flops_per_s())


def _seconds(a: np.ndarray) -> float:
    begin = time.perf_counter()
    a @ a
    return time.perf_counter() - begin


def _seconds_to_sum(block: np.ndarray) -> float:
    begin = time.perf_counter()
    block.sum()
    return time.perf_counter() - begin
