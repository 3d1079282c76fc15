"""The identities that LEADER's hardening uses, each on a small graph of random weights."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from infra.models.hardening import graph, nodes
from infra.models.hardening.leader_rewrites import heads, strips
from infra.models.onnx_model import OnnxModel

RANDOM = np.random.default_rng(0)
PICTURE = RANDOM.normal(size=(1, 3, 16, 8)).astype(np.float32)


def run(made: list[onnx.NodeProto], values: dict[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    """Output `y` of a graph whose input `x` is the image."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, None, None]) for name in "xy")
    model = helper.make_model(helper.make_graph(made, "test", [x], [y]), opset_imports=[helper.make_opsetid("", 20)])
    nodes.prune(model)
    return OnnxModel.from_bytes(graph.to_bytes(model, values)).run(x=PICTURE)[0]


def normal(*shape: int) -> NDArray[np.float32]:
    """Random weights."""
    return RANDOM.normal(size=shape).astype(np.float32)


def test_two_pointwise_convolutions_are_composed() -> None:
    """One convolution with the composed weights equals the two in sequence."""
    values: dict[str, NDArray[np.generic]] = {"w": normal(5, 3, 1, 1), "b": normal(5), "v": normal(2, 5, 1, 1)}
    values["c"] = normal(2)
    first, second = helper.make_node("Conv", ["x", "w", "b"], ["m"]), helper.make_node("Conv", ["m", "v", "c"], ["y"])
    expected = run([first, second], values)
    values["vw"], values["vbc"] = nodes.composed(values, first, second)
    assert run([helper.make_node("Conv", ["x", "vw", "vbc"], ["y"])], values) == pytest.approx(expected, abs=1e-5)


def test_a_convolution_of_the_doubled_image_is_one_of_the_small_image() -> None:
    """Resize and 5×5 convolution equal the 3×3 convolution of four phases and depth to space, edges included."""
    values: dict[str, NDArray[np.generic]] = {"double": np.array([1, 1, 2, 2], np.float32), "w": normal(1, 3, 5, 5)}
    resize = helper.make_node(
        "Resize",
        ["x", "", "double"],
        ["m"],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    expected = run([resize, helper.make_node("Conv", ["m", "w"], ["y"], pads=[2] * 4)], values)
    values["phases"] = heads._phases(values["w"])
    small = helper.make_node("Conv", ["x", "phases"], ["four"], pads=[1] * 4)
    actual = run([small, helper.make_node("DepthToSpace", ["four"], ["y"], blocksize=2)], values)
    assert actual == pytest.approx(expected, abs=1e-4)


def test_overlapping_strips_hold_the_padded_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third of eight strips of 16 rows contains rows 4 and 5 and four rows on either side."""
    monkeypatch.setattr(strips, "PICTURE", "x")
    values: dict[str, NDArray[np.generic]] = {"pads": np.array([4, 4], np.int64)}
    made = strips._overlapping_strips(values)
    pad = helper.make_node("Pad", ["x", "pads", "", "row_axis"], ["padded"])
    actual = run([pad, *made, helper.make_node("Identity", ["padded_2"], ["y"])], values)
    assert np.array_equal(PICTURE[:, :, 0:10], actual)


def test_pruning_sorts_nodes_after_their_inputs() -> None:
    """Nodes given in the wrong order run, and an unread one is removed."""
    made = [
        helper.make_node("Add", ["m", "x"], ["y"]),
        helper.make_node("Neg", ["x"], ["unread"]),
        helper.make_node("Abs", ["x"], ["m"]),
    ]
    assert np.array_equal(np.abs(PICTURE) + PICTURE, run(made, {}))
