"""Counts differing and compared bits of four irises at a time: the inner loop of screening, in vector instructions.

A vector holds one word of each of four irises. A carry-save adder sums three vectors of bits (Harley, Seal; Muła, Kurz,
Lemire 2018): five logical instructions give a vector of sums and one of carries worth twice as much, so that only five
of 16 vectors remain whose bits must be counted. The instructions of one rotation mostly wait for each other, so those
of three rotations are interleaved to keep the CPU busy (infra/kernels/vector_instructions.py).

With a plain numba kernel a search among 100,000 irises takes 5.2 times as long (AVX-512; AVX2: 3.8):
`python -m benchmarks iris_vector_instructions`, docs/decisions/0033-vector-instructions.md.
"""

from __future__ import annotations

from functools import partial, reduce
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # no type hints of its own
from numba import types
from numba.extending import intrinsic

from infra.kernels.vector_instructions import Vector, call, load, number, vectors_at
from services.iris.screening.short_codes import CELL_ROWS, LANES
from services.iris.template.features import CHANNELS

_BYTES, _WORDS, _COUNTS = (ir.VectorType(ir.IntType(bits), LANES * lanes) for bits, lanes in ((8, 8), (64, 1), (32, 1)))
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_words = partial(load, align=8)

TOGETHER = 3
"""Rotations whose instructions are interleaved."""


class _Counter:
    """Counts the bits of up to 32 vectors, byte by byte.

    A byte sums to at most 255: if all of its 256 bits are set, the count saturates.
    """

    def __init__(self, builder: Any) -> None:
        self._builder = builder
        self._levels: list[list[Vector]] = []

    def add(self, vector: Vector, level: int = 0) -> None:
        """Add a vector whose bits are worth 2^level each."""
        if level == len(self._levels):
            self._levels.append([])
        waiting = self._levels[level]
        waiting.append(vector)
        if len(waiting) == 3:
            a, b, c = waiting
            both = self._builder.xor(a, b)
            self._levels[level] = [self._builder.xor(both, c)]
            carry = self._builder.or_(self._builder.and_(a, b), self._builder.and_(both, c))
            self.add(carry, level + 1)

    def total(self) -> Vector:
        """The sum over the eight bytes of each word, 32 bits each."""
        total = ir.Constant(_BYTES, None)
        for waiting in reversed(self._levels):
            total = self._builder.add(total, total)
            for vector in waiting:
                total = self._call("llvm.uadd.sat", total, self._call("llvm.ctpop", vector))
        return self._across(self._builder.bitcast(total, _WORDS))

    def _call(self, name: str, *vectors: Vector) -> Vector:
        return call(self._builder, f"{name}.v{_BYTES.count}i8", _BYTES, *vectors)

    def _across(self, words: Vector) -> Vector:
        build = self._builder
        evens = _all(0x00FF00FF00FF00FF)
        words = build.add(build.and_(words, evens), build.and_(build.lshr(words, _all(8)), evens))
        for shift in (16, 32):
            words = build.add(words, build.lshr(words, _all(shift)))
        return build.trunc(build.and_(words, _all(0xFFFF)), _COUNTS)


def _all(value: int) -> Vector:
    return ir.Constant(_WORDS, [value] * LANES)


def _highest_z(rows: int) -> Any:
    """Make an intrinsic for the highest z of four irises (screening.py) at three rotations, on `rows` rows of cells."""

    def typed(
        _context: Any,
        _codes: Any,
        _masks: Any,
        _probe_codes: Any,
        _probe_masks: Any,
        _less: Any,
        _group: Any,
        _here: Any,
        _best: Any,
    ) -> Any:
        def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            *bits, less, group, here, best = arguments
            codes, masks, probe_codes, probe_masks = (vectors_at(builder, each, _BYTES) for each in bits)
            less, here, best = (vectors_at(builder, each, _FLOATS) for each in (less, here, best))
            first = builder.mul(group, number(TOGETHER))
            probe_codes = builder.gep(probe_codes, [builder.mul(first, number(CELL_ROWS * CHANNELS))])
            probe_masks = builder.gep(probe_masks, [builder.mul(first, number(CELL_ROWS))])
            less = builder.gep(less, [first])
            counters = _counters(builder, rows, codes, masks, probe_codes, probe_masks)
            each = [_z(builder, *(counter.total() for counter in pair)) for pair in counters]
            lessened = [builder.fsub(z, load(builder, less, turn, align=4)) for turn, z in enumerate(each)]
            highest = reduce(partial(_higher, builder), lessened)
            builder.store(highest, here, align=4)
            builder.store(_higher(builder, highest, builder.load(best, align=4)), best, align=4)
            return context.get_dummy_value()

        return types.void(*[types.uintp] * 8), generate

    return intrinsic(typed)


highest_z_of_half = _highest_z(CELL_ROWS // 2)
"""Arguments: addresses of the codes, uint64 (16, 4), and masks, uint64 (4, 4); of the probe's codes at all rotations,
uint64 (rotations, 32, 4), each word four times, and of its masks, uint64 (rotations, 8, 4); of the amount subtracted at
each rotation, float32 (rotations, 4); the number of the group of three rotations; addresses of two outputs: the highest
z of the three, float32 (4,), and the best so far, float32 (4,), which is raised if exceeded."""

highest_z_of_whole = _highest_z(CELL_ROWS)
"""As `highest_z_of_half`, for codes, uint64 (32, 4), and masks, uint64 (8, 4)."""


def _counters(
    builder: Any, rows: int, codes: Vector, masks: Vector, probe_codes: Vector, probe_masks: Vector
) -> list[tuple[_Counter, _Counter]]:
    """For each rotation a counter of differing bits and one of compared cells."""
    counters = [(_Counter(builder), _Counter(builder)) for _ in range(TOGETHER)]
    for row in range(rows):
        mask = _words(builder, masks, row)
        common = [builder.and_(mask, _words(builder, probe_masks, CELL_ROWS * turn + row)) for turn in range(TOGETHER)]
        for cells, (_, compared) in zip(common, counters, strict=True):
            compared.add(cells)
        for word in range(CHANNELS * row, CHANNELS * (row + 1)):
            code = _words(builder, codes, word)
            for turn, (differing, _) in enumerate(counters):
                unlike = builder.xor(code, _words(builder, probe_codes, CELL_ROWS * CHANNELS * turn + word))
                differing.add(builder.and_(unlike, common[turn]))
    return counters


def _z(builder: Any, differing: Vector, compared: Vector) -> Vector:
    balance = builder.sub(builder.add(compared, compared), differing)
    one = ir.Constant(_FLOATS, [1.0] * LANES)
    below = call(builder, f"llvm.sqrt.v{LANES}f32", _FLOATS, builder.fadd(builder.sitofp(compared, _FLOATS), one))
    return builder.fdiv(builder.sitofp(balance, _FLOATS), below)


def _higher(builder: Any, one: Vector, other: Vector) -> Vector:
    return builder.select(builder.fcmp_ordered(">", one, other), one, other)
