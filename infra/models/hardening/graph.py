"""Graph operations that the hardening modules share, on an ONNX model in memory.

`weights` copies the weights into a dict, where they are edited; `to_bytes` puts them back.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import uses_external_data

from biometrics.errors import ModelCorrupt

IR_VERSION = 10  # onnxruntime 1.18 and later

Array = NDArray[np.generic]
Weights = dict[str, Array]


def parse(original: bytes) -> onnx.ModelProto:
    """Parse a model that contains all its weights.

    Raises:
        ModelCorrupt: not ONNX, or a tensor is in another file, which this file's hash does not cover.
    """
    try:
        model = onnx.load_from_string(original)
    except Exception as error:  # onnx does not document which exceptions it raises
        raise ModelCorrupt("The model is not an ONNX file.") from error
    if any(uses_external_data(tensor) for tensor in model.graph.initializer):
        raise ModelCorrupt("The model keeps tensors in other files. Only models in a single file are accepted.")
    return model


def weights(model: onnx.ModelProto) -> Weights:
    """All initializers by name, as copies."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def to_bytes(model: onnx.ModelProto, values: Weights) -> bytes:
    """Check a model and serialise it; equal graphs and weights give equal bytes.

    Only nodes whose outputs are read, and weights that a node reads, are kept; weights are sorted by name.

    Raises:
        onnx.checker.ValidationError: the graph is not valid (a programming error).
    """
    graph = model.graph
    used = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
    nodes = [node for node in graph.node if used.intersection(node.output)]
    tensors = [
        numpy_helper.from_array(np.ascontiguousarray(array), name)
        for name, array in sorted(values.items())
        if name in used
    ]
    clean = helper.make_graph(nodes, graph.name, list(graph.input), list(graph.output), tensors)
    opsets = [helper.make_opsetid(opset.domain, opset.version) for opset in model.opset_import]
    result = helper.make_model(clean, opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(result)
    return bytes(result.SerializeToString(deterministic=True))


def attribute(node: onnx.NodeProto, name: str, default: float) -> float:
    """A numeric attribute of a node, or the default."""
    return next((float(helper.get_attribute_value(a)) for a in node.attribute if a.name == name), default)


def keep_inputs(model: onnx.ModelProto, names: Iterable[str]) -> None:
    """Remove all inputs but these: onnxruntime does not fold a constant that is also an input."""
    wanted = set(names)
    kept = [value for value in model.graph.input if value.name in wanted]
    del model.graph.input[:]
    model.graph.input.extend(kept)


def set_shape(value: onnx.ValueInfoProto, shape: Iterable[int | str | None]) -> None:
    """State the shape of a float32 input or output; a string names a dynamic dimension."""
    value.CopyFrom(helper.make_tensor_value_info(value.name, TensorProto.FLOAT, list(shape)))


def remove_node(model: onnx.ModelProto, node: onnx.NodeProto, replacement: str) -> None:
    """Remove a node; nodes that read its first output read `replacement` instead."""
    gone = node.output[0]
    model.graph.node.remove(node)
    for reader in model.graph.node:
        reader.input[:] = [replacement if name == gone else name for name in reader.input]


def dequantize_weights(model: onnx.ModelProto, values: Weights) -> None:
    """Turn block-quantised weights into float32 ones (ONNX operators DequantizeLinear 21, Reshape 21).

    weight = (quantised − zero point) · scale, with one scale and zero point per block of `block_size`
    along `axis`. A Reshape of a weight to a constant shape is applied too.
    """
    for node in list(model.graph.node):
        constant = all(name in values for name in node.input)
        if constant and node.op_type == "DequantizeLinear":
            values[node.output[0]] = _dequantized(node, *(values[name] for name in node.input))
        elif constant and node.op_type == "Reshape":
            values[node.output[0]] = values[node.input[0]].reshape([int(size) for size in values[node.input[1]]])
        else:
            continue
        model.graph.node.remove(node)


def fold_batch_norm(model: onnx.ModelProto, values: Weights) -> None:
    """Fold each BatchNormalization into the Conv or Gemm (transB=1) before it.

    γ·(Wx + b − μ)/√(σ² + ε) + β = (W·s)x + (b − μ)·s + β with s = γ/√(σ² + ε), in float64, rounded once.
    A BatchNormalization after another operator, or after a Conv that other nodes read too, stays.
    """
    for norm in [node for node in model.graph.node if node.op_type == "BatchNormalization"]:
        maker = next((node for node in model.graph.node if norm.input[0] in node.output), None)
        readers = sum(norm.input[0] in node.input for node in model.graph.node)
        if maker is None or maker.op_type not in {"Conv", "Gemm"} or readers != 1:
            continue
        _fold(maker, norm, values)
        model.graph.node.remove(norm)


def _dequantized(node: onnx.NodeProto, quantised: Array, scale: Array, zero: Array) -> Array:
    axis, block = int(attribute(node, "axis", 1)), int(attribute(node, "block_size", 0))
    indices = np.arange(quantised.shape[axis]) // block
    offset = quantised.astype(np.int32) - zero.astype(np.int32).take(indices, axis)
    return (offset * scale.astype(np.float64).take(indices, axis)).astype(np.float32)


def _fold(maker: onnx.NodeProto, norm: onnx.NodeProto, values: Weights) -> None:
    gamma, beta, mean, variance = (values[name].astype(np.float64) for name in norm.input[1:5])
    scale = gamma / np.sqrt(variance + attribute(norm, "epsilon", 1e-5))
    weight = values[maker.input[1]].astype(np.float64)
    bias = values[maker.input[2]].astype(np.float64) if len(maker.input) > 2 else np.zeros_like(mean)
    name = f"{maker.input[1]}_folded"
    values[name] = (weight * scale.reshape(-1, *[1] * (weight.ndim - 1))).astype(np.float32)
    values[f"{name}_bias"] = ((bias - mean) * scale + beta).astype(np.float32)
    maker.input[:] = [maker.input[0], name, f"{name}_bias"]
    maker.output[0] = norm.output[0]
