from __future__ import annotations

from pathlib import Path

import numpy as np

from training.iris.dataset import Rendered, rendered
from training.iris.samples import sample


def test_shards_are_kept(tmp_path: Path) -> None:
    """Rendered shards are read back equal to their samples, with one bit per target."""
    told: list[str] = []

    first = rendered(tmp_path, 6, 6, 1, told.append, wide=True, shard=3)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    second = rendered(tmp_path, 6, 6, 1, told.append, wide=True, shard=3)

    assert files == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert (6, 6, 4) == (len(first), len(second), len(told))
    assert np.array_equal(first.images, second.images)
    expected = sample(10, wide=True)
    assert np.array_equal(expected.image, first.images[4])
    for bit, target in enumerate(expected.targets):
        assert np.array_equal(target, (first.targets[4] >> bit) & 1)


def test_two_sets_are_joined() -> None:
    """The sum of two sets is the one followed by the other."""
    one, other = (Rendered(*(np.full((count, 2, 2), count, np.uint8) for _ in range(2))) for count in (1, 2))

    both = one + other

    assert [1, 2, 2] == list(both.images[:, 0, 0]) == list(both.targets[:, 0, 0])
