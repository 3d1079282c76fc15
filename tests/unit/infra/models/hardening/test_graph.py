"""Rewriting steps on ONNX graphs."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from biometrics.errors import ModelCorrupt
from infra.models.hardening import graph
from infra.models.onnx_model import OnnxModel

RANDOM = np.random.default_rng(3)
PICTURE = RANDOM.normal(size=(1, 2, 6, 6)).astype(np.float32)


def model_of(nodes: list[onnx.NodeProto], values: dict[str, np.ndarray], channels: int) -> onnx.ModelProto:
    """A model from `x` (1, 2, 6, 6) to `y`, with each weight also listed as an input."""
    tensors = [numpy_helper.from_array(array, name) for name, array in values.items()]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 6, 6])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, channels, None, None])
    listed = [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in tensors]
    made = helper.make_graph(nodes, "test", [x, *listed], [y], tensors)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def conv_and_norm() -> onnx.ModelProto:
    """A Conv, a BatchNormalization after it, and one after a Relu."""
    norm = {kind: RANDOM.uniform(0.5, 2, 3).astype(np.float32) for kind in ("gamma", "beta", "mean", "variance")}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"]),
        helper.make_node("BatchNormalization", ["a", *norm], ["b"], epsilon=0.1),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("BatchNormalization", ["c", *norm], ["y"]),
    ]
    return model_of(nodes, {"w": RANDOM.normal(size=(3, 2, 3, 3)).astype(np.float32), **norm}, 3)


def quantised() -> onnx.ModelProto:
    """A Conv with weights in int8 blocks of 6 along axis 1, the last one shorter."""
    values = {
        "q": RANDOM.integers(-128, 127, (3, 16)).astype(np.int8),
        "s": RANDOM.uniform(0.01, 0.1, (3, 3)).astype(np.float32),
        "z": RANDOM.integers(-9, 9, (3, 3)).astype(np.int8),
        "shape": np.array([3, 2, 2, 4], np.int64),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"], axis=1, block_size=6),
        helper.make_node("Reshape", ["d", "shape"], ["w"]),
        helper.make_node("Conv", ["x", "w"], ["y"]),
    ]
    return model_of(nodes, values, 3)


def hardened(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model after all steps."""
    values = graph.weights(model)
    graph.keep_inputs(model, ["x"])
    graph.dequantize_weights(model, values)
    graph.fold_batch_norm(model, values)
    return onnx.load_from_string(graph.to_bytes(model, values))


@pytest.mark.parametrize(
    ("make", "operators"), [(conv_and_norm, ["Conv", "Relu", "BatchNormalization"]), (quantised, ["Conv"])]
)
def test_outputs_stay_equal(make: object, operators: list[str]) -> None:
    """Folding gives fewer operators, one input, and the same outputs."""
    original = make()
    expected = OnnxModel.from_bytes(original.SerializeToString()).run(x=PICTURE)[0]
    after = hardened(original)
    assert (operators, ["x"]) == ([n.op_type for n in after.graph.node], [i.name for i in after.graph.input])
    assert np.allclose(expected, OnnxModel.from_bytes(after.SerializeToString()).run(x=PICTURE)[0], atol=1e-5)


def test_bytes_do_not_depend_on_the_order_of_weights() -> None:
    """Equal graphs and weights give equal bytes."""
    model = conv_and_norm()
    values = graph.weights(model)
    assert graph.to_bytes(model, values) == graph.to_bytes(model, dict(reversed(values.items())))


def test_unread_nodes_and_weights_are_left_out() -> None:
    """Nodes and weights that nothing reads are not written."""
    model = conv_and_norm()
    model.graph.node.insert(0, helper.make_node("Relu", ["x"], ["nobody"]))
    values = graph.weights(model) | {"unread": np.zeros(3, np.float32)}
    graph.keep_inputs(model, ["x"])
    after = onnx.load_from_string(graph.to_bytes(model, values))
    assert "unread" not in graph.weights(after)
    assert "nobody" not in [name for node in after.graph.node for name in node.output]


def test_external_data_is_refused() -> None:
    """A tensor in another file, which the hash does not cover, is refused."""
    model = conv_and_norm()
    tensor = model.graph.initializer[0]
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="elsewhere.bin")
    with pytest.raises(ModelCorrupt, match="other files"):
        graph.parse(model.SerializeToString())


def test_other_bytes_are_refused() -> None:
    """Bytes that are not an ONNX file are refused."""
    with pytest.raises(ModelCorrupt):
        graph.parse(b"\xff\xff no model")
