"""gallery.index.content: which references are stacked, when, and which are left out."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from biometrics.template import Modality, Position, Template
from gallery.index.content import IndexContent
from gallery.index.state import IndexState
from gallery.subject import EncounterState, Reference, Subject
from tests.support.builders import MODEL_ID, encounter, reference
from tests.support.fakes.comparators import VectorComparator, VectorStack
from tests.support.pages import NAME_KEY, content_of, name_of, page_of


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


def test_a_probe_is_compared_with_comparable_positions_of_its_gallery_only() -> None:
    """Equal and UNKNOWN positions in the gallery are searched; other positions and galleries are in other segments."""
    content, _ = applied_one_by_one(
        [
            subject("same", reference([1, 0, 0, 0], Position.LEFT_THUMB)),
            subject("other", reference([1, 0, 0, 0], Position.LEFT_RING)),
            subject("unknown", reference([1, 0, 0, 0], Position.UNKNOWN)),
            subject("stranger", reference([1, 0, 0, 0], Position.LEFT_THUMB), galleries=("h",)),
        ]
    )
    assert ["same", "unknown"] == ids(content.state, Position.LEFT_THUMB)
    assert ["same", "other", "unknown"] == ids(content.state)


def test_other_modalities_and_inactive_encounters_are_left_out_and_not_counted_as_skipped() -> None:
    """The index holds only active references of the comparator's modality; others are not counted as skipped."""
    iris = reference([1, 0, 0, 0], Position.LEFT_EYE, Modality.IRIS)
    inactive = encounter(reference([1, 0, 0, 0]), encounter_id="e2", state=EncounterState.INACTIVE)
    content, _ = applied_one_by_one([Subject("anna", ("g",), (encounter(iris), inactive))])
    assert ([], 0, 0) == (ids(content.state), content.skipped_count, content.count("g"))


def test_unusable_references_are_skipped_and_counted_while_they_are_enrolled() -> None:
    """References of another model or with unreadable data are skipped and counted, until their subject is erased."""
    broken = Reference(Position.UNKNOWN, Template(Modality.FINGERPRINT, MODEL_ID, b"short"), 50.0)
    foreign = reference([1, 0, 0, 0], model_id="vector-0")
    content = content_of(
        subject("anna", broken, foreign, reference([1, 0, 0, 0])),
        subject("ben", broken),
        subject("cleo", reference([1, 0, 0, 0], Position.UNKNOWN)),
        segment_size=8,
    )
    assert ["anna", "cleo"] == sorted(ids(content.state))
    assert (3, 2, 2) == (content.skipped_count, content.count("g"), content.count(""))
    erase(content, "anna")
    assert (1, 1) == (content.skipped_count, content.count("g"))


def test_subjects_that_come_one_by_one_are_copied_few_times_and_into_few_segments() -> None:
    """Of 1,000 rows none is copied more than log2(64) + 1 times on average, and segments are half full at least."""
    content, comparator = applied_one_by_one([subject(f"s{n}") for n in range(1000)], segment_size=64)
    segments = content.state.segments(Position.UNKNOWN, "g")
    assert [f"s{n}" for n in range(1000)] == ids(content.state)
    assert 1000 == comparator.stacked_count
    assert comparator.gathered_count <= 7 * 1000
    assert len(segments) <= 2 * 1000 / 64 + 7
    assert len(content.state.subjects.blocks) <= 2 * 1000 / 64 + 7
    assert max(segment.size for segment in segments) <= 64


def test_a_batch_is_stacked_once() -> None:
    """Rows that arrive together are stacked once, in full segments, and not copied."""
    comparator = VectorComparator()
    content = content_of(*(subject(f"s{n}") for n in range(640)), segment_size=64, comparator=comparator)
    assert (640, 0) == (comparator.stacked_count, comparator.gathered_count)
    assert 10 == len(content.state.segments(Position.UNKNOWN, "g"))


def test_a_state_that_a_search_holds_does_not_change() -> None:
    """A deletion and a purge do not change a state taken before them, and a new search does not find the subject."""
    content, _ = applied_one_by_one([subject("anna"), subject("ben"), subject("cleo")])
    held = content.state
    erase(content, "ben")
    content.purge()
    assert ["anna", "ben", "cleo"] == ids(held)
    assert ["anna", "cleo"] == ids(content.state)


def test_erased_rows_are_dropped_when_half_of_a_segment_is_dead() -> None:
    """After 63 of 64 subjects are erased one row is left in memory, and after the last none."""
    content, _ = applied_one_by_one([subject(f"s{n}") for n in range(64)], segment_size=64)
    for n in range(63):
        erase(content, f"s{n}")
    assert [1] == [segment.size for segment in content.state.segments(Position.UNKNOWN, "g")]
    assert [1] == [len(block.ordinals) for block in content.state.subjects.blocks]
    erase(content, "s63")
    assert [] == content.state.parts


def test_a_purge_removes_all_rows_of_erased_subjects_and_keeps_the_others() -> None:
    """Rows from before a change, and whole segments, are removed too; other segments are not rebuilt."""
    content, comparator = applied_one_by_one([subject(f"s{n}") for n in range(20)], segment_size=4)
    content.apply(page_of(subject("s1", reference([2, 0, 0, 0]))))
    before = content.state.segments(Position.UNKNOWN, "g")
    erase(content, "s1", "s2")
    erase(content, "s4", "s5", "s6", "s7")
    kept = ids(content.state)
    copied = comparator.gathered_count
    content.purge()
    after = content.state.segments(Position.UNKNOWN, "g")
    assert kept == ids(content.state)
    assert 14 == sum(segment.size for segment in after)
    assert not {"s1", "s2", "s4", "s5", "s6", "s7"} & set(all_ids(content.state))
    assert {id(segment) for segment in before} & {id(segment) for segment in after}
    assert comparator.gathered_count - copied < len(kept)
    content.purge()
    assert [id(segment) for segment in after] == [id(each) for each in content.state.segments(Position.UNKNOWN, "g")]


def test_a_purge_after_more_changes_than_are_remembered_removes_all_dead_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """If former entries were forgotten, an erasure removes the dead rows of all subjects."""
    monkeypatch.setattr("gallery.index.columns.erased.MOST_SUPERSEDED", 2)
    content, _ = applied_one_by_one([subject(f"s{n}") for n in range(20)])
    for n in (1, 6, 11):
        content.apply(page_of(subject(f"s{n}", reference([2, 0, 0, 0]))))
    erase(content, "s1")
    content.purge()
    assert 19 == sum(segment.size for segment in content.state.segments(Position.UNKNOWN, "g"))
    assert "s1" not in all_ids(content.state)


def test_subjects_that_cannot_be_read_are_dropped_and_counted_until_they_can() -> None:
    """Such a subject is not searched; it is counted until it is erased, or can be read again."""
    content, _ = applied_one_by_one([subject("anna"), subject("ben")])
    content.apply(page_of(subject("cleo"), unreadable=["anna", "dora"]))
    assert (["ben", "cleo"], 2, 2) == (ids(content.state), content.unreadable_count, content.count("g"))
    content.apply(page_of(unreadable=["anna"]))
    assert 2 == content.unreadable_count
    content.apply(page_of(subject("anna")))
    erase(content, "dora")
    assert (["ben", "cleo", "anna"], 0) == (ids(content.state), content.unreadable_count)


def test_a_subject_that_comes_twice_in_a_page_is_indexed_once() -> None:
    """A store may return a subject twice while it is written; it counts as it came last."""
    first, last = subject("anna", reference([1, 0, 0, 0])), subject("anna", reference([2, 0, 0, 0]), galleries=("h",))
    content = content_of(first, subject("ben"), last, segment_size=8)
    assert (1, 1, 2) == (content.count("g"), content.count("h"), content.count(""))


def test_the_memory_of_an_index_is_that_of_its_arrays() -> None:
    """1,000 templates of 16 bytes and ids of 4 take 16,000 bytes of stack, and less than 100 more a subject."""
    content = content_of(*(subject(f"{n:04}") for n in range(1000)), segment_size=64)
    assert 16_000 + 1000 * (16 + 4 + 4 + 4) < content.memory_bytes < 16_000 + 1000 * 100
