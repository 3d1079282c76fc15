"""Approximate (rough) dot products of many int8 vectors, in vector instructions (infra/kernels/vector_instructions.py).

16 references are interleaved number by number, so that one instruction processes 16. Products are summed in 16 bits,
modulo 2¹⁶. That is exact as long as the sum itself fits; by Cauchy and Schwarz it does: no code of 128 numbers is
longer than 181 (int8_codes.py), and 181² < 2¹⁵. Of 256 numbers the two halves are summed apart, and the halves of both
sums are added, rounded down: so codes may be finer.

With a plain numba kernel a search among 1,000,000 faces takes 1.8 times as long, 64 together 5.3 times (AVX-512;
AVX2: 2.1 and 4.9): `python -m benchmarks face_vector_instructions`, docs/decisions/0033-vector-instructions.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # no type hints of its own
from numba import types
from numba.extending import intrinsic

from infra.kernels.vector_instructions import Vector, load, number, place, vectors_at
from services.face.template.features import DIMENSIONS, PAIR_DIMENSIONS

LANES = 16

_CODES, _SHORTS = (ir.VectorType(kind, LANES) for kind in (ir.IntType(8), ir.IntType(16)))
_BITS = ir.IntType(64)


def _rough(probes: int, dimensions: int) -> Any:
    """Make an intrinsic for the rough dot products of `probes` probes with 16 references."""

    def typed(_context: Any, _references: Any, _probes: Any, _floors: Any, _sums: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kinds = (_CODES, _SHORTS, _SHORTS, _SHORTS)
            references, probe, floors, sums = (
                vectors_at(builder, each, kind) for each, kind in zip(arguments, kinds, strict=True)
            )
            parts = [
                _summed(builder, references, [(probe, dimensions * row) for row in range(probes)], first)
                for first in range(0, dimensions, DIMENSIONS)
            ]
            totals = parts[0] if len(parts) == 1 else [_mean(builder, *both) for both in zip(*parts, strict=True)]
            for row, total in enumerate(totals):
                builder.store(total, place(builder, sums, row), align=2)
            return _reached(builder, totals, floors)

        return types.uint64(*[types.uintp] * 4), generate

    return intrinsic(typed)


def _summed(builder: Any, references: Any, probes: Sequence[tuple[Any, int]], first: int) -> list[Vector]:
    """Sums over 128 dimensions from `first` on, for each probe: where it is, and its first number's place."""
    totals = [ir.Constant(_SHORTS, None)] * len(probes)
    for dimension in range(first, first + DIMENSIONS):
        wide = builder.sext(load(builder, references, dimension, align=1), _SHORTS)
        products = [builder.mul(wide, load(builder, where, place + dimension, align=2)) for where, place in probes]
        totals = [builder.add(*pair) for pair in zip(totals, products, strict=True)]
    return totals


def _mean(builder: Any, one: Vector, other: Vector) -> Vector:
    """The sum of the halves of both, each rounded down."""
    by = ir.Constant(_SHORTS, [1] * LANES)
    return builder.add(builder.ashr(one, by), builder.ashr(other, by))


def _reached(builder: Any, totals: Sequence[Vector], floors: Vector) -> Any:
    """64 bits, 16 per probe: 1 if the total is at least the probe's floor."""
    bits = number(0)
    for row, total in enumerate(totals):
        lanes = builder.icmp_signed(">=", total, load(builder, floors, row, align=2))
        own = builder.zext(builder.bitcast(lanes, ir.IntType(LANES)), _BITS)
        bits = builder.or_(bits, builder.shl(own, number(LANES * row)))
    return bits


rough_dots = _rough(1, DIMENSIONS)
"""Arguments: addresses of 16 references, int8 (128, 16); of a probe, int16 (128, 16), each number 16 times; of the
probe's floor, i.e. the least sum to report, int16 (16,), 16 times; and of the output of sums, int16 (16,). Returns
bits: bit k is 1 if the sum of reference k reaches the floor."""

TOGETHER = 4
rough_dots_of_four = _rough(TOGETHER, DIMENSIONS)
"""The same for four probes: int16 (4, 128, 16), (4, 16), (4, 16); bit 16·p + k is that of probe p and reference k."""

rough_pair_dots = _rough(1, PAIR_DIMENSIONS)
"""As `rough_dots`, of vectors of 256 numbers; sums are halved, and may be 1 too low."""
rough_pair_dots_of_four = _rough(TOGETHER, PAIR_DIMENSIONS)
"""As `rough_dots_of_four`, of vectors of 256 numbers."""
