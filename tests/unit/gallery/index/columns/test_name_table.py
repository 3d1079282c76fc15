"""gallery.index.columns.name_table: names are found, replaced and removed, also when the table is full."""

from __future__ import annotations

import random

import numpy as np
import pytest

from gallery.index.columns.name_table import LEAST_SLOTS, MOST_ORDINALS, NameTable
from gallery.index.columns.parts import Ordinals
from gallery.index.columns.subjects import Names, SubjectBlock, Subjects
from tests.support.stores.pages import name_of


def names(numbers: list[int]) -> Names:
    """Names of subjects."""
    return np.array([list(name_of(f"s{number}")) for number in numbers], np.uint8).reshape(-1, 16)


class Known:
    """A table beside a dict with the same content."""

    def __init__(self, most: int) -> None:
        self.table = NameTable(most)
        self.ordinals: dict[int, int] = {}
        self.numbers: dict[int, int] = {}

    def names_of(self, ordinals: Ordinals) -> Names:
        """Names of entries, as `Subjects.names`."""
        return names([self.numbers[ordinal] for ordinal in ordinals.tolist()])

    def found(self, numbers: list[int]) -> list[int]:
        """Ordinals of subjects; −1 for unknown ones."""
        slots = self.table.find(names(numbers), self.names_of)
        return np.where(slots >= 0, self.table.ordinals(np.maximum(slots, 0)), -1).tolist()

    def put(self, numbers: list[int], first: int) -> None:
        """Give subjects new ordinals."""
        new = first + np.arange(len(numbers))
        self.table.put(self.table.find(names(numbers), self.names_of), names(numbers), new)
        self.ordinals |= zip(numbers, new.tolist(), strict=True)
        self.numbers |= zip(new.tolist(), numbers, strict=True)

    def remove(self, numbers: list[int]) -> None:
        """Remove known subjects."""
        self.table.remove(self.table.find(names(numbers), self.names_of))
        for number in numbers:
            del self.ordinals[number]


@pytest.mark.parametrize("seed", range(5))
def test_random_changes_of_a_table_equal_those_of_a_dict(seed: int) -> None:
    """After additions, replacements and removals up to a full table, all names have their newest ordinals."""
    rng, known, first = random.Random(seed), Known(LEAST_SLOTS), 0
    for _ in range(100):
        chosen = rng.sample(range(90), rng.randrange(1, 20))
        new = [each for each in chosen if each not in known.ordinals]
        if known.table.has_room(len(new)):
            known.put(chosen, first)
            first += len(chosen)
        known.remove(rng.sample([*known.ordinals], min(len(known.ordinals), rng.randrange(12))))
        asked = [*range(120)]
        assert [known.ordinals.get(each, -1) for each in asked] == known.found(asked)


def test_a_table_of_subjects_has_all_that_are_alive() -> None:
    """A table that is made anew has the names alive, room for more, and none of a dead entry."""
    numbers = list(range(500))
    block = SubjectBlock(
        ordinals=np.arange(1000, 1500),
        names=names(numbers),
        ids=np.empty(0, np.uint8),
        starts=np.zeros(501, np.uint32),
        galleries=np.zeros(500, np.int32),
        reference_counts=np.ones(500, np.int32),
        skipped_counts=np.zeros(500, np.int32),
    )
    subjects = Subjects((block.without(np.arange(1000, 1100)),))
    table = NameTable.of(subjects, 700)
    slots = table.find(names(numbers), subjects.names)
    assert (slots[:100] == -1).all()
    assert list(range(1100, 1500)) == table.ordinals(slots[100:]).tolist()
    assert table.has_room(700)


def test_names_that_differ_in_few_bits_are_different() -> None:
    """A name is compared in full if its slot has the same 24 bits."""
    pair = np.zeros((2, 16), np.uint8)
    pair[1, 8] = 1  # a bit that is in no slot
    table = NameTable()
    table.put(np.array([-1]), pair[:1], np.array([7]))
    assert [True, False] == (table.find(pair, lambda ordinals: pair[ordinals - 7]) >= 0).tolist()


def test_the_largest_ordinal_is_kept() -> None:
    """The ordinal of the last possible change is not mixed with the bits of the name."""
    name, table = np.full((1, 16), 255, np.uint8), NameTable()
    table.put(np.array([-1]), name, np.array([MOST_ORDINALS - 1]))
    slots = table.find(name, lambda _: name)
    assert [MOST_ORDINALS - 1] == table.ordinals(slots).tolist()
