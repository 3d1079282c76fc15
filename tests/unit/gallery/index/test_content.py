"""gallery.index.content: which references are stacked, when, and which are left out."""

from __future__ import annotations

from biometrics.template import Modality, Position, Template
from gallery.subject import EncounterState, Reference, Subject
from tests.support.builders import MODEL_ID, encounter, reference
from tests.support.fakes.comparators import VectorComparator
from tests.support.stores.pages import content_of, page_of
from tests.unit.gallery.index.contents import all_ids, applied_one_by_one, erase, ids, subject


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


def test_ordinals_beyond_31_bits_are_told_apart() -> None:
    """After 2³¹ changes, subjects are still found, updated and erased, whichever size their ordinals have."""
    content = content_of(segment_size=4)
    content._next_ordinal = 2**31 - 30
    for n in range(40):
        content.apply(page_of(subject(f"s{n}")))
    for n in range(0, 40, 3):
        content.apply(page_of(subject(f"s{n}", reference([2, 0, 0, 0]))))
    erase(content, *(f"s{n}" for n in range(1, 40, 3)))
    content.purge()
    expected = {f"s{n}" for n in range(40) if n % 3 != 1}
    state, ordinals = content.found([f"s{n}" for n in range(40)])
    assert expected == {*ids(state)} == {*state.subjects.ids(ordinals)} == {*all_ids(state)}
    assert {4, 8} == {segment.ordinals.itemsize for segment in state.segments(Position.UNKNOWN, "g")}
