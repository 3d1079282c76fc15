"""gallery.index.columns.subjects: columns of entries in any order, from any blocks."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gallery.index.columns.subjects import SubjectBlock, Subjects, joined, starts_of
from tests.support.stores.pages import name_of


def block_of(numbers: list[int]) -> SubjectBlock:
    """Subjects whose columns follow from their numbers, which are also their ordinals."""
    ids = [f"{'s' * (number % 4)}{number}".encode() if number % 5 else b"" for number in numbers]
    return SubjectBlock(
        ordinals=np.array(numbers, np.int32),
        names=np.array([list(name_of(str(number))) for number in numbers], np.uint8),
        ids=np.frombuffer(b"".join(ids), np.uint8),
        starts=starts_of(np.array([len(each) for each in ids])),
        galleries=np.array(numbers, np.int32) % 3,
        reference_counts=np.array(numbers, np.int32) % 4,
        skipped_counts=np.array(numbers, np.int32) % 2,
    )


@pytest.mark.parametrize("seed", range(4))
def test_columns_of_entries_are_found_in_any_order(seed: int) -> None:
    """Columns, ids and names of entries in any order, dead or alive, from blocks with gaps between ordinals."""
    rng = random.Random(seed)
    numbers = sorted(rng.sample(range(200), 60))
    subjects = Subjects(tuple(map(block_of, (numbers[:7], numbers[7:8], numbers[8:]))))
    asked = rng.sample(numbers, 30)
    ordinals = np.array(asked)
    assert [f"{'s' * (n % 4)}{n}" if n % 5 else "" for n in asked] == subjects.ids(ordinals)
    assert [n % 3 for n in asked] == subjects.column("galleries", ordinals).tolist()
    assert [n % 4 for n in asked] == subjects.reference_counts(ordinals).tolist()
    assert [name_of(str(n)) for n in asked] == [name.tobytes() for name in subjects.names(ordinals)]
    assert sum(n % 5 == 0 for n in asked) == subjects.unreadable_count(ordinals)


def test_joined_blocks_have_the_rows_that_are_alive() -> None:
    """Ids are moved together, and dead rows are left out."""
    parts = [block_of([1, 2, 3]).without(np.array([2])), block_of([5, 6, 9]).without(np.array([5, 9]))]
    made = joined(parts)
    assert ([1, 3, 6], 3) == (made.ordinals.tolist(), made.alive_count)
    assert ["s1", "sss3", "ss6"] == Subjects((made,)).ids(np.array([1, 3, 6]))
    assert len("s1sss3ss6") == made.ids.size


def test_no_entries_have_empty_columns() -> None:
    """Nothing is found for no ordinals, and in no blocks."""
    nobody = np.empty(0, np.int64)
    for subjects in (Subjects(), Subjects((block_of([1]),))):
        assert [] == subjects.ids(nobody)
        assert (0, 16) == subjects.names(nobody).shape
        assert 0 == subjects.unreadable_count(nobody) == subjects.reference_counts(nobody).size
