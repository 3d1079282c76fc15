"""Columns of ids and galleries."""

from __future__ import annotations

import numpy as np
import pytest

from gallery.columns_of_text import GalleryColumn, TextColumn


@pytest.mark.parametrize("texts", [[], ["anna"], ["anna", "", "bo", "Zoë", "日本"], ["a", "b", "c"]])
def test_texts(texts: list[str]) -> None:
    """A column has the texts that it was made of, by place, slice, rows and iteration."""
    column = TextColumn.of(texts)
    assert TextColumn.of(column) is column
    assert list(column) == texts
    assert [column[row] for row in range(len(column))] == texts
    assert list(column[1:3]) == texts[1:3]
    assert list(column[::-1]) == texts[::-1]
    assert [column[-1 - row] for row in range(len(column))] == texts[::-1]
    assert list(column.take(np.arange(len(texts))[::2])) == texts[::2]
    with pytest.raises(IndexError):
        column[len(texts)]


def test_gallery_sets() -> None:
    """A column has the sets that it was made of, and each different set once."""
    sets = [("a",), ("a", "b"), ("a",), (), ("a", "b")]
    column = GalleryColumn.of(sets)
    assert GalleryColumn.of(column) is column
    assert list(column) == sets
    assert [column[row] for row in range(len(column))] == sets
    assert list(column[1:3]) == sets[1:3]
    assert list(column.take(np.array([4, 0]))) == [("a", "b"), ("a",)]
    assert len(column.table) == 3
