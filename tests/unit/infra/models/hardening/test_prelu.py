"""PRelu rewritten as Relu plus a scaled copy."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from infra.models.hardening import graph
from infra.models.hardening.graph import Weights
from infra.models.hardening.prelu import replace_prelu
from infra.models.onnx_model import OnnxModel

CHANNELS = 4
X = np.random.default_rng(0).normal(size=(2, 3, 6, 5)).astype(np.float32)


def small_model(slopes: list[float], *, depthwise: bool, after: bool) -> tuple[onnx.ModelProto, Weights]:
    """A Conv, a PRelu with these slopes, and optionally a Conv after it."""
    random = np.random.default_rng(1)
    shapes = {"w1": (CHANNELS, 3, 1, 1), "b1": (CHANNELS,), "w2": (CHANNELS, 1 if depthwise else CHANNELS, 3, 3)}
    values: Weights = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    values["slopes"] = np.array(slopes, np.float32).reshape(-1, 1, 1)
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["a"]),
        helper.make_node("PRelu", ["a", "slopes"], ["p"]),
        helper.make_node("Conv", ["p", "w2"], ["y"], group=CHANNELS if depthwise else 1),
    ]
    kept, output = (nodes, "y") if after else (nodes[:2], "p")
    shape = (2, CHANNELS, 4, 3) if after else (2, CHANNELS, 6, 5)
    made = helper.make_graph(
        kept,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)]), values


def outputs(model: onnx.ModelProto, values: Weights) -> np.ndarray:
    """Outputs of one run on X."""
    return OnnxModel.from_bytes(graph.to_bytes(model, values)).run(x=X)[0]


@pytest.mark.parametrize("depthwise", [True, False])
@pytest.mark.parametrize("slopes", [[0.2, 0.0, -0.7, 0.9], [1.5, 0.1, 1.01, -2.0]])
def test_the_rewritten_graph_computes_the_same(slopes: list[float], *, depthwise: bool) -> None:
    """For slopes below and above 1, before depthwise and full convolutions, no PRelu remains and outputs agree."""
    model, values = small_model(slopes, depthwise=depthwise, after=True)
    expected = outputs(model, values)
    replace_prelu(model, values)
    assert "PRelu" not in {node.op_type for node in model.graph.node}
    assert expected == pytest.approx(outputs(model, values), abs=1e-4)


def test_the_last_one_is_rewritten_where_no_slope_is_above_one() -> None:
    """Without a Conv after it, slopes up to 1 are rewritten; with one above 1 the PRelu stays."""
    for slopes, left in (([0.2, 0.0, -0.7, 0.9], False), ([0.2, 0.0, 1.2, 0.9], True)):
        model, values = small_model(slopes, depthwise=False, after=False)
        expected = outputs(model, values)
        replace_prelu(model, values)
        assert left == ("PRelu" in {node.op_type for node in model.graph.node})
        assert expected == pytest.approx(outputs(model, values), abs=1e-5)
