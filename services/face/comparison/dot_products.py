"""Dot products of many vectors, in vector instructions: exact ones of float32, rough ones of int8.

All instructions are those of LLVM, which has vector types and makes of them what the CPU at hand can do.

*Rough*: 16 references stand side by side, number by number, so that one instruction works on 16. Products are
summed in 16 bits, modulo 2¹⁶. That is exact as long as the sum itself fits, and by Cauchy and Schwarz it
does: no coded vector is longer than 181 (int8_codes.py), and 181² < 2¹⁵.

*Exact*: float32, in an order that depends on nothing but the two vectors: four partial sums of eight lanes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # no type hints of its own
from numba import types
from numba.extending import intrinsic

DIMENSIONS = 128
LANES = 16
_FLOAT_LANES, _SUMS = 8, 4

_CODES, _SHORTS = (ir.VectorType(kind, LANES) for kind in (ir.IntType(8), ir.IntType(16)))
_FLOATS = ir.VectorType(ir.FloatType(), _FLOAT_LANES)
_BITS = ir.IntType(64)
Vector = Any
"""A value of LLVM."""


def _rough(probes: int) -> Any:
    """An intrinsic of the rough dot products of so many probes with 16 references."""

    def typed(_context: Any, _references: Any, _probes: Any, _floors: Any, _sums: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kinds = (_CODES, _SHORTS, _SHORTS, _SHORTS)
            references, probe, floors, sums = (
                builder.inttoptr(each, kind.as_pointer()) for each, kind in zip(arguments, kinds, strict=True)
            )
            totals = [ir.Constant(_SHORTS, None)] * probes
            for number in range(DIMENSIONS):
                wide = builder.sext(_load(builder, references, number, 1), _SHORTS)
                products = [
                    builder.mul(wide, _load(builder, probe, DIMENSIONS * row + number, 2)) for row in range(probes)
                ]
                totals = [builder.add(*pair) for pair in zip(totals, products, strict=True)]
            for row, total in enumerate(totals):
                builder.store(total, _place(builder, sums, row), align=2)
            return _reached(builder, totals, floors)

        return types.uint64(*[types.uintp] * 4), generate

    return intrinsic(typed)


def _reached(builder: Any, totals: Sequence[Vector], floors: Vector) -> Any:
    """64 bits, 16 of each probe: 1 where a total is at least the probe's floor."""
    bits = ir.Constant(_BITS, 0)
    for row, total in enumerate(totals):
        lanes = builder.icmp_signed(">=", total, _load(builder, floors, row, 2))
        own = builder.zext(builder.bitcast(lanes, ir.IntType(LANES)), _BITS)
        bits = builder.or_(bits, builder.shl(own, ir.Constant(_BITS, LANES * row)))
    return bits


def _exact(_context: Any, _one: Any, _other: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        one, other = (builder.inttoptr(each, _FLOATS.as_pointer()) for each in arguments)
        products = [
            builder.fmul(_load(builder, one, part, 4), _load(builder, other, part, 4))
            for part in range(DIMENSIONS // _FLOAT_LANES)
        ]
        sums = [reduce(builder.fadd, products[first::_SUMS]) for first in range(_SUMS)]
        return _across(builder, reduce(builder.fadd, sums))

    return types.float32(types.uintp, types.uintp), generate


def _across(builder: Any, vector: Vector) -> Any:
    """The sum of the lanes of a vector."""
    lanes = [builder.extract_element(vector, ir.Constant(ir.IntType(32), lane)) for lane in range(_FLOAT_LANES)]
    return reduce(builder.fadd, lanes)


def _load(builder: Any, pointer: Vector, index: int, align: int) -> Vector:
    return builder.load(_place(builder, pointer, index), align=align)


def _place(builder: Any, pointer: Vector, index: int) -> Any:
    return builder.gep(pointer, [ir.Constant(_BITS, index)])


rough_dots = _rough(1)
"""Arguments: the addresses of 16 references, int8 (128, 16); of a probe, int16 (128, 16), each number 16 times; of the
least sum that is asked for, int16 (16,), 16 times; of where to write the sums, int16 (16,). Returns which of the
sums reach it: bit k is 1 where that of reference k does."""

TOGETHER = 4
rough_dots_of_four = _rough(TOGETHER)
"""The same of four probes: int16 (4, 128, 16), (4, 16), (4, 16); reference k's bit of probe p is 16·p + k."""

exact_dot: Any = intrinsic(_exact)
"""The dot product, float32, of the vectors, float32 (128,), at two addresses. a·b and b·a are equal."""
