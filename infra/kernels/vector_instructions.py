"""Helpers for the few kernels written in LLVM's vector types, which numba's language lacks.

LLVM compiles a vector instruction for the CPU at hand: AVX-512, AVX2, SSE2 or NEON. Such code is hard to read: it is
kept only where a benchmark shows its gain over a plain kernel (docs/decisions/0033-vector-instructions.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # no type hints of its own
from numba.core import cgutils
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

Vector = Any
"""An LLVM value: a vector, a number or a pointer."""


@kernel
def address(array: NDArray[Any]) -> np.uintp:  # pragma: no cover  # compiled
    """Address of an array's first element; kernels pass arrays to vector instructions by address."""
    return np.uintp(array.ctypes.data)


def number(value: int) -> Any:
    """A 64-bit constant."""
    return ir.Constant(ir.IntType(64), value)


def vectors_at(builder: Any, where: Any, kind: Any) -> Any:
    """Convert an address to a pointer to vectors of type `kind`."""
    return builder.inttoptr(where, kind.as_pointer())


def place(builder: Any, pointer: Any, which: int) -> Any:
    """Pointer to vector number `which`."""
    return builder.gep(pointer, [number(which)])


def load(builder: Any, pointer: Any, which: int, align: int) -> Vector:
    """Load vector number `which`; `align`: bytes, those of one lane."""
    return builder.load(place(builder, pointer, which), align=align)


def call(builder: Any, name: str, result: Any, *arguments: Vector) -> Vector:
    """Call an LLVM intrinsic for which `builder` has no method, such as `llvm.sqrt.v4f32`."""
    kind = ir.FunctionType(result, [each.type for each in arguments])
    function = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]  # numba's
    return builder.call(function, arguments)
