"""gallery.references: pages of references, joined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gallery.columns_of_text import GalleryColumn, TextColumn
from gallery.references import ReferencePage
from gallery.subject import Subject
from tests.support.builders import encounter, reference
from tests.support.stores.pages import page_of

MODELS = ("vector-1", "vector-0", "vector-0")


def page(names: Sequence[str], unreadable: Sequence[str] = ()) -> ReferencePage:
    """Subjects in two galleries in turn with one reference each, two thirds of another model."""
    subjects = [
        Subject(name, (f"g{k % 2}",), (encounter(reference([k, len(name), 0, 0], model_id=MODELS[k % 3])),))
        for k, name in enumerate(names)
    ]
    return page_of(*subjects, unreadable=unreadable)


def test_joined_pages_have_all_columns_in_order() -> None:
    """Owners and models are renumbered, ids and galleries become columns; all else is as it was."""
    apart = [page(["anna", "ben", "cleo"], ["x"]), page([]), page(["zoe", "y"], ["z"]).of_subjects(np.array([1]))]
    joined = ReferencePage.joined(apart)
    assert ["anna", "ben", "cleo", "y"] == [joined.subject_ids[each] for each in joined.owners]
    assert ["anna", "ben", "cleo", "y"] == list(joined.subject_ids)
    assert [*MODELS, "vector-0"] == [joined.model_ids[each] for each in joined.models]
    assert [each for one in apart for each in one.templates] == list(joined.templates)
    assert [("g0",), ("g1",), ("g0",), ("g1",)] == list(joined.galleries)
    assert [name for one in apart for name in one.names.tolist()] == joined.names.tolist()
    assert [name for one in apart for name in one.unreadable] == joined.unreadable
    assert isinstance(joined.subject_ids, TextColumn)
    assert isinstance(joined.galleries, GalleryColumn)


def test_one_page_is_joined_to_itself() -> None:
    """A single page is returned as it is."""
    alone = page(["anna"])
    assert alone is ReferencePage.joined([alone])
