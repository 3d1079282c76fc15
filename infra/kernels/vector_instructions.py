"""Helpers for the few kernels that are written in LLVM's vector types, which numba's own language lacks.

LLVM makes of a vector instruction what the CPU at hand can do: AVX-512, AVX2, SSE2 or NEON. Such code reads badly: it
is kept where a benchmark shows what it gains over a plain kernel (docs/decisions/0033-vector-instructions.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # no type hints of its own
from numba.core import cgutils
from numpy.typing import NDArray

from infra.kernels.kernel import kernel

Vector = Any
"""A value of LLVM: a vector, a number or a pointer."""


@kernel
def address(array: NDArray[Any]) -> np.uintp:  # pragma: no cover  # compiled
    """Where an array begins: kernels hand arrays to vector instructions by address."""
    return np.uintp(array.ctypes.data)


def number(value: int) -> Any:
    """A constant of 64 bits."""
    return ir.Constant(ir.IntType(64), value)


def vectors_at(builder: Any, where: Any, kind: Any) -> Any:
    """The pointer to vectors of a kind at an address."""
    return builder.inttoptr(where, kind.as_pointer())


def place(builder: Any, pointer: Any, which: int) -> Any:
    """The pointer to one of several vectors."""
    return builder.gep(pointer, [number(which)])


def load(builder: Any, pointer: Any, which: int, align: int) -> Vector:
    """One of several vectors; `align` in bytes, that of one lane."""
    return builder.load(place(builder, pointer, which), align=align)


def call(builder: Any, name: str, result: Any, *arguments: Vector) -> Vector:
    """Call an instruction of LLVM that has a name but no letter in `builder`, such as `llvm.sqrt.v4f32`."""
    kind = ir.FunctionType(result, [each.type for each in arguments])
    function = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]  # numba's
    return builder.call(function, arguments)
