"""Approximate (rough) dot products of many int8 vectors, in vector instructions (infra/kernels/vector_instructions.py).

16 references are interleaved number by number, so that one instruction processes 16. Products are summed in 16 bits,
modulo 2¹⁶. That is exact as long as the sum itself fits; by Cauchy and Schwarz it does: no code is longer than 181
(int8_codes.py), and 181² < 2¹⁵.

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
from services.face.template.features import DIMENSIONS

LANES = 16

_CODES, _SHORTS = (ir.VectorType(kind, LANES) for kind in (ir.IntType(8), ir.IntType(16)))
_BITS = ir.IntType(64)


def _rough(probes: int) -> Any:
    """Make an intrinsic for the rough dot products of `probes` probes with 16 references."""

    def typed(_context: Any, _references: Any, _probes: Any, _floors: Any, _sums: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            kinds = (_CODES, _SHORTS, _SHORTS, _SHORTS)
            references, probe, floors, sums = (
                vectors_at(builder, each, kind) for each, kind in zip(arguments, kinds, strict=True)
            )
            totals = [ir.Constant(_SHORTS, None)] * probes
            for dimension in range(DIMENSIONS):
                wide = builder.sext(load(builder, references, dimension, align=1), _SHORTS)
                products = [
                    builder.mul(wide, load(builder, probe, DIMENSIONS * row + dimension, align=2))
                    for row in range(probes)
                ]
                totals = [builder.add(*pair) for pair in zip(totals, products, strict=True)]
            for row, total in enumerate(totals):
                builder.store(total, place(builder, sums, row), align=2)
            return _reached(builder, totals, floors)

        return types.uint64(*[types.uintp] * 4), generate

    return intrinsic(typed)


def _reached(builder: Any, totals: Sequence[Vector], floors: Vector) -> Any:
    """64 bits, 16 per probe: 1 if the total is at least the probe's floor."""
    bits = number(0)
    for row, total in enumerate(totals):
        lanes = builder.icmp_signed(">=", total, load(builder, floors, row, align=2))
        own = builder.zext(builder.bitcast(lanes, ir.IntType(LANES)), _BITS)
        bits = builder.or_(bits, builder.shl(own, number(LANES * row)))
    return bits


rough_dots = _rough(1)
"""Arguments: addresses of 16 references, int8 (128, 16); of a probe, int16 (128, 16), each number 16 times; of the
probe's floor, i.e. the least sum to report, int16 (16,), 16 times; and of the output of sums, int16 (16,). Returns
bits: bit k is 1 if the sum of reference k reaches the floor."""

TOGETHER = 4
rough_dots_of_four = _rough(TOGETHER)
"""The same for four probes: int16 (4, 128, 16), (4, 16), (4, 16); bit 16·p + k is that of probe p and reference k."""
