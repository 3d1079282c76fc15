"""Counts the set bits of a word, for kernels that compare codes bit by bit."""

from __future__ import annotations

import numpy as np

from infra.kernels.kernel import kernel

_EVERY_SECOND, _PAIRS, _NIBBLES, _BYTES = (
    np.uint64(mask) for mask in (0x5555555555555555, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F, 0x0101010101010101)
)


@kernel
def population_count(word: np.uint64) -> np.uint64:  # pragma: no cover  # compiled
    """Number of set bits, 0 to 64. LLVM recognises the idiom and uses the CPU's own instruction."""
    word = word - ((word >> np.uint64(1)) & _EVERY_SECOND)
    word = (word & _PAIRS) + ((word >> np.uint64(2)) & _PAIRS)
    word = (word + (word >> np.uint64(4))) & _NIBBLES
    return (word * _BYTES) >> np.uint64(56)
