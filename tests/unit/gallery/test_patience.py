from __future__ import annotations

import pytest

from biometrics.errors import DeadlineExpired
from gallery.patience import always, in_steps, pieces


@pytest.mark.parametrize("count", [0, 1, 31, 1000])
def test_pieces_cover_everything_once(count: int) -> None:
    """The pieces are in order and cover everything exactly once."""
    assert list(range(count)) == [number for piece in pieces(count, always) for number in range(count)[piece]]


def test_no_further_piece_begins_when_no_caller_waits() -> None:
    """The piece that has begun is finished, and the next one is not begun."""
    done: list[slice] = []
    with pytest.raises(DeadlineExpired):
        done.extend(pieces(1000, lambda: not done))
    assert [] == done or 1 == len(done)


@pytest.mark.parametrize("count", [0, 1, 31, 1000])
def test_steps_cover_everything_once(count: int) -> None:
    """The same slices as those of `pieces`, with a pause after each."""
    done: list[int] = []
    pauses = sum(1 for _ in in_steps(count, lambda piece: done.extend(range(count)[piece]), always))
    assert list(range(count)) == done
    assert (pauses > 0) == (count > 0)
