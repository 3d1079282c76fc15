"""gallery.index.feed_loading: pages are read, joined and applied."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from biometrics.errors import StoreUnavailable
from biometrics.template import Modality
from gallery.index.feed_loading import load
from gallery.references import ReferencePage
from gallery.subject import Subject
from tests.support.builders import encounter, reference
from tests.support.pages import page_of
from tests.unit.gallery.index.names_copy import Names


@dataclass
class Pages:
    """The part of a store that is read: pages of given numbers of subjects; fails after them if `fails`."""

    sizes: Sequence[int]
    fails: bool = False
    read: list[int] = field(default_factory=list)

    async def references(self, _modality: Modality, _partitions: Sequence[int], _size: int) -> AsyncIterator[Any]:
        """See SubjectStore."""
        for number, size in enumerate(self.sizes):
            self.read.append(size)
            yield page(number, size)
        if self.fails:
            raise StoreUnavailable("The store is down.")


def page(number: int, size: int) -> ReferencePage:
    """A page of subjects with one reference of 16 bytes each, every third of another model."""
    return page_of(
        *(
            Subject(
                f"{number}-{k}",
                (f"g{k % 2}",),
                (encounter(reference([number, k, 0, 0], model_id="vector-0" if k % 3 else "vector-1")),),
            )
            for k in range(size)
        ),
        unreadable=[f"damaged-{number}"],
    )


async def test_small_pages_are_joined_and_large_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are applied together when they have enough bytes, and the last ones in the end."""
    monkeypatch.setattr("gallery.index.feed_loading.JOINED_BYTES", 5 * 16)
    copy = Names(b"")
    await load(copy, Pages([3, 3, 7, 1, 2]), Modality.FINGERPRINT, (), 7)  # type: ignore[arg-type]  # only what is read
    assert [6, 7, 3] == [len(each) for each in copy.applied]
    assert {f"{n}-{k}" for n, size in enumerate([3, 3, 7, 1, 2]) for k in range(size)} == copy.ids
    assert 5 == copy.unreadable_count


async def test_a_store_that_goes_down_during_a_load_is_an_error() -> None:
    """The error of the store is raised when what was read before has been applied or dropped."""
    with pytest.raises(StoreUnavailable):
        await load(Names(b""), Pages([3, 3], fails=True), Modality.FINGERPRINT, (), 3)  # type: ignore[arg-type]


def test_joined_pages_have_all_columns_in_order() -> None:
    """Owners and models are renumbered; all else is as it was."""
    pages = [page(0, 3), page_of(), page(1, 2)]
    joined = ReferencePage.joined(pages)
    models = [joined.model_ids[each] for each in joined.models]
    assert ["0-0", "0-1", "0-2", "1-0", "1-1"] == [joined.subject_ids[each] for each in joined.owners]
    assert ["vector-1", "vector-0", "vector-0", "vector-1", "vector-0"] == models
    assert [each for one in pages for each in one.templates] == list(joined.templates)
    assert ["g0", "g1", "g0", "g0", "g1"] == [own[0] for own in joined.galleries]
    assert [name for one in pages for name in one.names.tolist()] == joined.names.tolist()
    assert 2 == len(joined.unreadable)
