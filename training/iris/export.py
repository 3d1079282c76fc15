"""Exporting the trained network as one ONNX file of graph and weights, and reading one to train it further."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.iris.canvas import HEIGHT, WIDTH
from training.iris.network import IrisNet
from training.layers import Unit
from training.onnx_file import write


class _Probabilities(nn.Module):
    def __init__(self, network: IrisNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return torch.sigmoid(self.network(images[:, None]))


def export(network: IrisNet, path: Path) -> None:
    """Write the network; input `images` float32 (batch, 128, 160), output `masks` float32 (batch, 4, 128, 160)."""
    folded = copy.deepcopy(network).to(memory_format=torch.contiguous_format).eval()
    _fold(folded)
    write(_Probabilities(folded).eval(), torch.zeros(1, HEIGHT, WIDTH), path, ("images", "masks"), "batch")


def _fold(network: IrisNet) -> None:
    """Multiply each batch normalisation into the convolution before it."""
    for unit in [module for module in network.modules() if isinstance(module, Unit)]:
        unit[0] = fuse_conv_bn_eval(unit[0], unit[1])
        unit[1] = nn.Identity()


def restored(path: Path, images: Tensor) -> IrisNet:
    """Read an exported network, so that it can be trained further.

    Export has folded the batch normalisations away. Each is put back with the statistics of `images`, and a gain and an
    offset that undo them, so that the network's output stays what it was.

    Args:
        path: a file written by `export`.
        images: float32 (batch, 1, 128, 160), grey levels.
    """
    weights = {
        each.name.removeprefix("network."): torch.from_numpy(numpy_helper.to_array(each).copy())
        for each in onnx.load(str(path)).graph.initializer
    }
    network: IrisNet = IrisNet().eval()
    units = {name: module for name, module in network.named_modules() if isinstance(module, Unit)}
    network.load_state_dict(weights, strict=False)
    hooks = [unit[1].register_forward_pre_hook(_undone(weights[f"{name}.0.bias"])) for name, unit in units.items()]
    with torch.no_grad():
        network(images)
    for hook in hooks:
        hook.remove()
    return network


def _undone(bias: Tensor) -> Callable[[nn.BatchNorm2d, tuple[Tensor]], None]:
    def set_up(norm: nn.BatchNorm2d, inputs: tuple[Tensor]) -> None:
        variance, mean = torch.var_mean(inputs[0], dim=(0, 2, 3), correction=0)
        norm.running_mean, norm.running_var = mean, variance
        norm.weight.data, norm.bias.data = torch.sqrt(variance + norm.eps), bias + mean

    return set_up
