"""gallery.index.feed_loading: pages are read, joined and applied."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from biometrics.errors import StoreUnavailable
from gallery.index.feed_loading import load
from gallery.references import ReferencePage
from gallery.subject import Subject
from tests.support.builders import encounter, reference
from tests.support.stores.pages import page_of
from tests.unit.gallery.index.names_copy import Names


async def pages(*sizes: int, fails: bool = False) -> AsyncIterator[ReferencePage]:
    """Pages of given numbers of subjects; fails after them if `fails`."""
    for number, size in enumerate(sizes):
        yield page(number, size)
    if fails:
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
    await load(copy, pages(3, 3, 7, 1, 2))
    assert [6, 7, 3] == [len(each) for each in copy.applied]
    assert {f"{n}-{k}" for n, size in enumerate([3, 3, 7, 1, 2]) for k in range(size)} == copy.ids
    assert 5 == copy.unreadable_count


async def test_a_store_that_goes_down_during_a_load_is_an_error() -> None:
    """The error of the store is raised when what was read before has been applied or dropped."""
    with pytest.raises(StoreUnavailable):
        await load(Names(b""), pages(3, 3, fails=True))
