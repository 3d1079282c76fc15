"""LEADER, part 3: runs the heads at half resolution, and direction and type only at the minutiae found.

The three heads (0 position, 1 direction, 2 type) work at half resolution up to a nearest-neighbour
Resize, after which each has pointwise layers to 4 channels and one 5×5 convolution.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import onnx
from onnx import helper

from infra.models.hardening import graph, nodes
from infra.models.hardening.leader_rewrites.detours import PREFIX

FOUND = 0.3  # confidence from which direction and type are computed
REACH = 4  # half-resolution pixels: 3 of the 7×7 convolution, 1 of the last one
SIDE = 2 * REACH + 1
FEATURES = f"{PREFIX}dec1_0_conc_1/concat:0"
CONFIDENCE = "Transpose__3020:0"
DIRECTION, TYPE = "Transpose__3012:0", f"{PREFIX}head_conv_typ_1/Sigmoid:0"


def halve(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Move the pointwise layers before the Resize, with which they commute; the first two are linear and become one.

    The 5×5 convolution of the doubled image becomes, for each of the four positions of a pixel in its 2×2 block, a
    3×3 convolution of the small image: four times the channels, then depth to space.
    """
    for head in range(3):
        adjust = nodes.maker(model, f"{PREFIX}head_{head}_ibc_conv_adj_1/BiasAdd:0")
        pointwise = nodes.maker(model, f"{PREFIX}head_{head}_conv1_1/BiasAdd:0")
        weight, bias = nodes.composed(values, adjust, pointwise)
        values[adjust.input[1]], values[adjust.input[2]] = weight, bias
        graph.remove_node(model, pointwise, adjust.output[0])
        last = _last(model, head)
        values[last.input[1]] = _phases(values[last.input[1]])
        values[last.input[2]] = np.tile(values[last.input[2]], 4)
    last = _last(model, 0)
    output = last.output[0]
    nodes.replace(
        model,
        output,
        helper.make_node("Conv", list(last.input), ["position_phases"], pads=[1] * 4),
        helper.make_node("DepthToSpace", ["position_phases"], [output], blocksize=2),
    )


def narrow(model: onnx.ModelProto, values: graph.Weights) -> None:
    """Compute direction and type only on 9×9 patches of the features around the minutiae; 0 elsewhere.

    The first image's first pixel is always included, so that there is at least one patch.
    """
    _put_constants(values)
    output = nodes.maker(model, f"{PREFIX}head_conc_1/concat:0")
    model.graph.node.extend([*_spots(), *_patches()])
    for head in (1, 2):
        depthwise = nodes.maker(model, f"{PREFIX}head_{head}_ibc_depthwise_conv_1/depthwise:0")
        depthwise.input[0] = "patches"
        depthwise.attribute.remove(next(each for each in depthwise.attribute if each.name == "auto_pad"))
        residual = nodes.maker(model, f"{PREFIX}head_{head}_ibc_add_1/Add:0")
        residual.input[:] = ["patch_centres" if name == FEATURES else name for name in residual.input]
        last = _last(model, head)
        nodes.replace(model, last.output[0], *_at_spots(values, last))
    for place, tensor in ((1, DIRECTION), (2, TYPE)):
        model.graph.node.extend(_scattered(tensor))
        output.input[place] = f"{tensor}_map"


def _last(model: onnx.ModelProto, head: int) -> onnx.NodeProto:
    """A head's last convolution."""
    return nodes.readers(model, f"{PREFIX}head_{head}_conv2_1/Gelu/mul_3:0")[0]


def _phases(weight: graph.Array) -> graph.Array:
    """Convert (n, c, 5, 5) over the doubled image to (4 n, c, 3, 3) over the small one; phase 2 (y mod 2) + x mod 2."""
    small = np.zeros((4, *weight.shape[:2], 3, 3))
    for down, across, row, column in product(range(2), range(2), range(5), range(5)):
        small[2 * down + across, :, :, (down + row) // 2, (across + column) // 2] += weight[:, :, row, column]
    return small.reshape(-1, weight.shape[1], 3, 3).astype(np.float32)


def _put_constants(values: graph.Weights) -> None:
    """Add the constants that the nodes at the spots read."""
    around = np.arange(-REACH, REACH + 1)
    numbers: dict[str, object] = {
        "zero": 0,
        "one": 1,
        "axis_1": [1],
        "axis_2": [2],
        "axes_outer": [0, 3],
        "axes_space": [2, 3],
        "batch_row_column": [0, 2, 3],
        "halving": [1, 2, 2],
        "phase_weights": [0, 2, 1],
        "first_pixel": [[0], [0], [0], [0]],
        "around": list(product([0], around, around)),
        "patch_shape": [0, 0, SIDE, SIDE],
        "centre_start": [REACH - 1] * 2,
        "centre_end": [REACH + 2] * 2,
        "flat": [-1],
    }
    values.update({name: np.array(number, np.int64) for name, number in numbers.items()})
    values["found"] = np.array(FOUND, np.float32)


def _spots() -> list[onnx.NodeProto]:
    """Nodes for `spots` (n, 4): batch, channel, row, column; and `phase` (n, 1): position in the 2×2 block, 0–3."""
    node = helper.make_node
    return [
        node("GreaterOrEqual", [CONFIDENCE, "found"], ["is_found"]),
        node("NonZero", ["is_found"], ["found_places"]),
        node("Concat", ["first_pixel", "found_places"], ["places"], axis=1),
        node("Transpose", ["places"], ["spots"]),
        node("Gather", ["spots", "batch_row_column"], ["pixels"], axis=1),
        node("Mod", ["pixels", "halving"], ["parity"]),
        node("Mul", ["parity", "phase_weights"], ["phase_parts"]),
        node("ReduceSum", ["phase_parts", "axis_1"], ["phase"]),
    ]


def _patches() -> list[onnx.NodeProto]:
    """Nodes for `patches` (n, channels, 9, 9) of the features, and `patch_centres`, their inner 3×3.

    `inside` (n, 1, 3, 3) is 1 inside the image, else 0: the last convolution reads zeros beyond the edge.
    """
    node = helper.make_node
    return [
        node("Transpose", [FEATURES], ["features"], perm=[0, 2, 3, 1]),
        node("Shape", ["features"], ["features_size"], end=3),
        node("Sub", ["features_size", "one"], ["features_limit"]),
        node("Div", ["pixels", "halving"], ["centres"]),
        node("Unsqueeze", ["centres", "axis_1"], ["centres_each"]),
        node("Add", ["centres_each", "around"], ["wanted"]),
        node("Max", ["wanted", "zero"], ["wanted_from_0"]),
        node("Min", ["wanted_from_0", "features_limit"], ["taken"]),
        node("Equal", ["wanted", "taken"], ["same"]),
        node("Cast", ["same"], ["same_number"], to=onnx.TensorProto.FLOAT),
        node("ReduceMin", ["same_number", "axis_2"], ["inside_each"]),
        node("GatherND", ["features", "taken"], ["taken_features"]),
        node("Mul", ["taken_features", "inside_each"], ["masked_features"]),
        node("Transpose", ["masked_features"], ["patches_flat"], perm=[0, 2, 1]),
        node("Transpose", ["inside_each"], ["inside_flat"], perm=[0, 2, 1]),
        node("Reshape", ["patches_flat", "patch_shape"], ["patches"]),
        node("Slice", ["patches", "centre_start", "centre_end", "axes_space"], ["patch_centres"]),
        node("Reshape", ["inside_flat", "patch_shape"], ["inside_patch"]),
        node("Slice", ["inside_patch", "centre_start", "centre_end", "axes_space"], ["inside"]),
    ]


def _at_spots(values: graph.Weights, last: onnx.NodeProto) -> list[onnx.NodeProto]:
    """Nodes for the last convolution's outputs at the spots, (1, outputs, n, 1), from its input (n, c, 3, 3)."""
    name, node = last.output[0], helper.make_node
    values[f"{name}_shape"] = np.array([0, 4, -1], np.int64)
    return [
        node("Mul", [last.input[0], "inside"], [f"{name}_inside"]),
        node("Conv", [f"{name}_inside", *last.input[1:3]], [f"{name}_phases"]),
        node("Reshape", [f"{name}_phases", f"{name}_shape"], [f"{name}_by_phase"]),
        node("GatherND", [f"{name}_by_phase", "phase"], [f"{name}_at"], batch_dims=1),
        node("Transpose", [f"{name}_at"], [f"{name}_outputs"]),
        node("Unsqueeze", [f"{name}_outputs", "axes_outer"], [name]),
    ]


def _scattered(tensor: str) -> list[onnx.NodeProto]:
    """Nodes for a map of the image's size that holds a tensor's numbers at the spots and zeros elsewhere."""
    node = helper.make_node
    return [
        node("Shape", [CONFIDENCE], [f"{tensor}_size"]),
        node("ConstantOfShape", [f"{tensor}_size"], [f"{tensor}_zeros"]),
        node("Reshape", [tensor, "flat"], [f"{tensor}_numbers"]),
        node("ScatterND", [f"{tensor}_zeros", "spots", f"{tensor}_numbers"], [f"{tensor}_map"]),
    ]
