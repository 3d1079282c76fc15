from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np

from services.face.comparison.cosines import exact


def test_products_are_summed_in_one_order_whatever_the_batch() -> None:
    """To the last bit, scores are sums over every 32nd product, then over four of these, then over eight lanes."""
    rng = np.random.default_rng(0)
    probes, references = rng.standard_normal((2, 128), np.float32), rng.standard_normal((50, 128), np.float32)
    scores = np.empty((2, 50), np.float32)
    exact(probes, references, scores)
    parts = (probes[:, None] * references).reshape(2, 50, 4, 4, 8)
    lanes = reduce(add, (reduce(add, (parts[:, :, k, part] for k in range(4))) for part in range(4)))
    expected: np.ndarray = reduce(add, (lanes[..., lane] for lane in range(8)))
    assert expected.tobytes() == scores.tobytes()
