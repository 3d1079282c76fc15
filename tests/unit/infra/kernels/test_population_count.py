from __future__ import annotations

import numpy as np

from infra.kernels.population_count import population_count

ALL = 2**64 - 1


def test_the_set_bits_of_a_word_are_counted() -> None:
    """No bit, one bit at either end, all bits and random ones are counted as in Python."""
    words = [0, 1, 2**63, ALL, *np.random.default_rng(0).integers(ALL, size=100, dtype=np.uint64).tolist()]
    assert [word.bit_count() for word in words] == [int(population_count(np.uint64(word))) for word in words]
