"""Exporting the trained network as one ONNX file that contains graph and weights."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.iris.canvas import HEIGHT, WIDTH
from training.iris.network import IrisNet, Unit

OPSET = 17


class _Probabilities(nn.Module):
    def __init__(self, network: IrisNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        return torch.sigmoid(self.network(images[:, None]))


def export(network: IrisNet, path: Path) -> None:
    """Write the network; input `images` float32 (batch, 128, 160), output `masks` float32 (batch, 4, 128, 160)."""
    _fold(network.eval())
    torch.onnx.export(
        _Probabilities(network.to(memory_format=torch.contiguous_format)).eval(),
        (torch.zeros(1, HEIGHT, WIDTH),),
        str(path),
        input_names=["images"],
        output_names=["masks"],
        dynamic_axes={"images": {0: "batch"}, "masks": {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _fold(network: IrisNet) -> None:
    """Multiply each batch normalisation into the convolution before it."""
    for unit in [module for module in network.modules() if isinstance(module, Unit)]:
        unit[0] = fuse_conv_bn_eval(unit[0], unit[1])
        unit[1] = nn.Identity()
