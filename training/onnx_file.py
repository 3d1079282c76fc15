"""Writes a trained network as one ONNX file of graph and weights."""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

OPSET = 17


def write(network: nn.Module, example: Tensor, path: Path, names: tuple[str, str], axis: str) -> None:
    """Write a network of one input and one output, checked; equal networks give equal bytes.

    Args:
        network: in evaluation mode.
        example: an input.
        path: the file.
        names: of input and output.
        axis: name of their first dimension, which may be of any size.
    """
    torch.onnx.export(
        network,
        (example,),
        str(path),
        input_names=names[:1],
        output_names=names[1:],
        dynamic_axes={name: {0: axis} for name in names},
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(str(path))
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))
