"""gallery.cluster.screening: shards find together the rows that one index would compare in full."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gallery.cluster.messages import Screened
from gallery.cluster.replicas import Replica
from gallery.cluster.screening import Screening
from gallery.index.search.rounds import cut_of, fair_rows, floor_of, wanted_of

SHARE, EXHAUSTIVE, LIMIT, WIDEST = 0.05, 20, 3, 2


def told(rows: np.ndarray, wanted: int, error: float) -> Screened:
    """What a shard with rows of these screening scores tells."""
    wanted = wanted or fair_rows(rows.size, SHARE, EXHAUSTIVE, LIMIT * WIDEST)
    falling = np.sort(rows)[::-1]
    kept = falling[falling >= floor_of(cut_of(rows, wanted), error)]
    return Screened(kept, kept.size >= rows.size, rows.size, WIDEST, error)


@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([0.0, 0.5]))
def test_the_floor_is_that_of_one_index(seed: int, shard_count: int, error: float) -> None:
    """Also with ties, with empty shards, and if nearly all of the best rows are in one shard."""
    rng = random.Random(seed)
    rows = np.array([rng.randrange(60) for _ in range(rng.randrange(1, 3000))], np.float32)
    skew = rng.choice([0.0, 0.9])
    best_first = np.argsort(-rows, kind="stable")
    shards = np.array([rng.randrange(shard_count) for _ in rows])
    shards[best_first[: int(skew * rows.size)]] = 0
    parts = [rows[shards == number] for number in range(shard_count)]
    known = Screening(LIMIT, SHARE, EXHAUSTIVE)
    replica = Replica(None)
    for number, part in enumerate(parts):
        known.take({number: told(part, 0, error)}, {number: replica})
    rounds = 0
    while short := known.short():
        known.take({number: told(parts[number], known.wanted, error) for number in short}, {})
        rounds += 1
    wanted = wanted_of(rows.size, SHARE, EXHAUSTIVE, LIMIT * WIDEST)
    assert floor_of(cut_of(rows, wanted), error) == known.floor
    assert rounds <= 1


def test_a_shard_with_most_of_the_best_is_asked_again() -> None:
    """A shard whose last score told is above the cut may have more: it is short, and the other one is not."""
    known = Screening(LIMIT, SHARE, EXHAUSTIVE)
    high, low = np.full(5000, 2, np.float32) + np.arange(5000, dtype=np.float32), np.ones(5000, np.float32)
    known.take({0: told(high, 0, 0.0), 1: told(low, 0, 0.0)}, {})
    assert {0} == known.short()
    assert 500 == known.wanted


def test_few_rows_are_all_compared() -> None:
    """Up to the number of rows that are compared without screening, the floor is below all scores."""
    known = Screening(LIMIT, SHARE, EXHAUSTIVE)
    known.take({0: told(np.arange(10, dtype=np.float32), 0, 0.0), 1: told(np.empty(0, np.float32), 0, 0.0)}, {})
    assert set() == known.short()
    assert -np.inf == known.floor
