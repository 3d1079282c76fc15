"""Index contents for the tests of what is in them."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.template import Position
from gallery.index.content import IndexContent
from gallery.index.state import IndexState
from gallery.subject import Reference, Subject
from tests.support.builders import encounter, reference
from tests.support.fakes.comparators import VectorComparator, VectorStack
from tests.support.stores.pages import NAME_KEY, name_of, page_of


def subject(subject_id: str, *references: Reference, galleries: tuple[str, ...] = ("g",)) -> Subject:
    """A subject with one active encounter, which has one reference if none is given."""
    return Subject(subject_id, galleries, (encounter(*(references or (reference([1, 0, 0, 0]),))),))


def applied_one_by_one(
    subjects: Sequence[Subject], segment_size: int = 8
) -> tuple[IndexContent[VectorStack], VectorComparator]:
    """Index content to which the subjects were applied one by one."""
    comparator = VectorComparator()
    content = IndexContent(comparator, segment_size, NAME_KEY)
    for one in subjects:
        content.apply(page_of(one))
    return content, comparator


def erase(content: IndexContent[VectorStack], *subject_ids: str) -> None:
    """Apply the erasure of these subjects."""
    content.apply(page_of(), [name_of(each) for each in subject_ids])


def ids(state: IndexState[VectorStack], position: Position = Position.UNKNOWN) -> list[str]:
    """Subjects of gallery g, of all rows alive that a probe of this position is compared with."""
    found = [state.subjects.ids(each.ordinals[each.alive_rows]) for each in state.segments(position, "g")]
    return [subject_id for part in found for subject_id in part]


def all_ids(state: IndexState[VectorStack]) -> list[str]:
    """Subjects of all entries in memory, alive or dead."""
    return [each for block in state.subjects.blocks for each in state.subjects.ids(block.ordinals)]
