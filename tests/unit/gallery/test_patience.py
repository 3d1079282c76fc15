from __future__ import annotations

import pytest

from biometrics.errors import DeadlineExpired
from gallery.patience import always, pieces


@pytest.mark.parametrize("count", [0, 1, 31, 1000])
def test_pieces_are_the_whole(count: int) -> None:
    """In order, and nothing twice."""
    assert list(range(count)) == [number for piece in pieces(count, always) for number in range(count)[piece]]


def test_nothing_more_is_begun_when_nobody_waits() -> None:
    """The first piece is done, the second is not."""
    done: list[slice] = []
    with pytest.raises(DeadlineExpired):
        done.extend(pieces(1000, lambda: not done))
    assert [] == done or 1 == len(done)
