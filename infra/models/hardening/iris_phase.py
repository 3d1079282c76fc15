"""Builds the iris phase encoder as an ONNX graph from formulas: two complex Gabor filters (Daugman 1993).

The graph, for unwrapped sheets of 64×512 and their visibility:

1. Subtract each row's mean over its visible samples; set invisible samples to zero.
2. Convolve with the real and imaginary part of each filter, every 4 rows and 2 columns; columns wrap around, rows are
   padded with zeros. The filters are separable: first the Gaussian down the rows, as a product with a matrix; then the
   wave along the columns, as a product of each strip of 64 columns and its two neighbours with another matrix. Both
   matrices are small enough to stay in the processor's cache beside the segmentation network.
3. Convolve the visibility with each filter's envelope: the share of the envelope that is visible.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

ROWS, COLUMNS = 64, 512
STRIDE_ROWS, STRIDE_COLUMNS = 4, 2
WAVELENGTHS = (20.0, 40.0)  # columns
SIGMA_COLUMNS = 0.5  # of the wavelength
SIGMA_ROWS = (3.0, 5.0)  # rows
HALF_ROWS, HALF_COLUMNS = 10, 48
STRIP_COLUMNS = 64  # columns of a strip; its outputs also depend on the neighbouring strips
STRIPS = COLUMNS // STRIP_COLUMNS

Kernel = NDArray[np.float32]


def row_kernel(sigma: float) -> Kernel:
    """Return the envelope down the rows, float32 (21,), summing to 1."""
    rows = np.arange(-HALF_ROWS, HALF_ROWS + 1)
    envelope = np.exp(-0.5 * (rows / sigma) ** 2)
    return _rounded(envelope / envelope.sum())


def column_kernels(wavelength: float) -> tuple[Kernel, Kernel, Kernel]:
    """Return a filter's real part, imaginary part and envelope along the columns, float32 (97,) each.

    The real part does not respond to a constant; the envelope sums to 1.
    """
    columns = np.arange(-HALF_COLUMNS, HALF_COLUMNS + 1)
    envelope = np.exp(-0.5 * (columns / (SIGMA_COLUMNS * wavelength)) ** 2)
    envelope /= envelope.sum()
    cosine, sine = (wave(2 * np.pi * columns / wavelength) for wave in (np.cos, np.sin))
    real = envelope * (cosine - (envelope * cosine).sum())
    return _rounded(real), _rounded(envelope * sine), _rounded(envelope)


def _rounded(values: NDArray[np.float64]) -> Kernel:
    """Round to steps of 2⁻²⁴, so that the last bit of a machine's exp or cos does not change the file."""
    return np.asarray(np.rint(values * 2.0**24) / 2.0**24, np.float32)


def build() -> bytes:
    """Build the encoder.

    Inputs: `sheet` and `visible`, float32 (batch, 64, 512); grey levels, and 0 or 1.
    Outputs: `responses`, float32 (batch, 4, 16, 256): real and imaginary part of the short wave,
    then of the long one; `support`, float32 (batch, 2, 16, 256): the share of each filter's
    envelope that is visible, 0–1.
    """
    rows, columns = ROWS // STRIDE_ROWS, COLUMNS // STRIDE_COLUMNS
    graph = helper.make_graph(
        _nodes(),
        "iris-phase",
        [_tensor("sheet", "batch", ROWS, COLUMNS), _tensor("visible", "batch", ROWS, COLUMNS)],
        [_tensor("responses", "batch", 4, rows, columns), _tensor("support", "batch", 2, rows, columns)],
        _constants(),
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="biofusion")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return bytes(model.SerializeToString(deterministic=True))


def _constants() -> list[onnx.TensorProto]:
    rows, along = ROWS // STRIDE_ROWS, [column_kernels(wavelength) for wavelength in WAVELENGTHS]
    named = {
        "down": np.stack([_down(row_kernel(sigma)) for sigma in SIGMA_ROWS]),
        "waves": np.stack([np.hstack([_strip(real), _strip(imaginary)]) for real, imaginary, _ in along]),
        "envelopes": np.stack([_strip(envelope) for _, _, envelope in along]),
        "one": np.float32(1.0),
        "filter_axis": np.array([1], np.int64),
        "column_axis": np.array([2], np.int64),
        "strips": np.array([0, 2, rows, STRIPS, STRIP_COLUMNS], np.int64),
        "neighbours": (np.arange(STRIPS)[:, None] + np.array([-1, 0, 1])) % STRIPS,
        "strip_rows": np.array([0, 2, rows * STRIPS, 3 * STRIP_COLUMNS], np.int64),
        "parts": np.array([0, 2, rows, STRIPS, 2, STRIP_COLUMNS // STRIDE_COLUMNS], np.int64),
        "channels": np.array([0, 4, rows, COLUMNS // STRIDE_COLUMNS], np.int64),
        "filters": np.array([0, 2, rows, COLUMNS // STRIDE_COLUMNS], np.int64),
    }
    return [numpy_helper.from_array(np.asarray(array), name) for name, array in named.items()]


def _down(kernel: Kernel) -> Kernel:
    """Return the matrix that convolves down the rows, float32 (16, 64)."""
    matrix = np.zeros((ROWS // STRIDE_ROWS, ROWS + 2 * HALF_ROWS), np.float32)
    for row in range(len(matrix)):
        matrix[row, STRIDE_ROWS * row : STRIDE_ROWS * row + kernel.size] = kernel
    return matrix[:, HALF_ROWS : HALF_ROWS + ROWS]


def _strip(kernel: Kernel) -> Kernel:
    """Return the matrix that convolves three strips to the outputs of the middle one, float32 (192, 32)."""
    matrix = np.zeros((3 * STRIP_COLUMNS, STRIP_COLUMNS // STRIDE_COLUMNS), np.float32)
    for output in range(matrix.shape[1]):
        first = STRIP_COLUMNS - HALF_COLUMNS + STRIDE_COLUMNS * output
        matrix[first : first + kernel.size, output] = kernel
    return matrix


def _tensor(name: str, *shape: str | int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def _nodes() -> list[onnx.NodeProto]:
    return [
        helper.make_node("Mul", ["sheet", "visible"], ["shown"]),
        helper.make_node("ReduceSum", ["shown", "column_axis"], ["row_sums"], keepdims=1),
        helper.make_node("ReduceSum", ["visible", "column_axis"], ["row_counts"], keepdims=1),
        helper.make_node("Max", ["row_counts", "one"], ["divisors"]),
        helper.make_node("Div", ["row_sums", "divisors"], ["row_means"]),
        helper.make_node("Sub", ["sheet", "row_means"], ["centred"]),
        helper.make_node("Mul", ["centred", "visible"], ["texture"]),
        *_filtered("texture", "waves", "along"),
        helper.make_node("Reshape", ["along", "parts"], ["by_part"]),
        helper.make_node("Transpose", ["by_part"], ["by_channel"], perm=[0, 1, 4, 2, 3, 5]),
        helper.make_node("Reshape", ["by_channel", "channels"], ["responses"]),
        *_filtered("visible", "envelopes", "shares"),
        helper.make_node("Reshape", ["shares", "filters"], ["support"]),
    ]


def _filtered(source: str, kernels: str, target: str) -> list[onnx.NodeProto]:
    return [
        helper.make_node("Unsqueeze", [source, "filter_axis"], [f"{source}_twice"]),
        helper.make_node("MatMul", ["down", f"{source}_twice"], [f"{source}_down"]),
        helper.make_node("Reshape", [f"{source}_down", "strips"], [f"{source}_strips"]),
        helper.make_node("Gather", [f"{source}_strips", "neighbours"], [f"{source}_beside"], axis=3),
        helper.make_node("Reshape", [f"{source}_beside", "strip_rows"], [f"{source}_rows"]),
        helper.make_node("MatMul", [f"{source}_rows", kernels], [target]),
    ]
