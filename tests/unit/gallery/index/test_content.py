"""gallery.index.content and gallery.index.segment: which references are stacked, when, and which are left out."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.template import Modality, Position, Template
from gallery.index.content import IndexContent
from gallery.index.segment import Segment
from gallery.subject import EncounterState, Reference, Subject
from tests.support.builders import MODEL_ID, encounter, reference
from tests.support.fakes.comparators import VectorComparator, VectorStack


def subject(subject_id: str, *references: Reference, galleries: tuple[str, ...] = ("g",)) -> Subject:
    """A subject with one active encounter, which has one reference if none is given."""
    return Subject(subject_id, galleries, (encounter(*(references or (reference([1, 0, 0, 0]),))),))


def content_of(*subjects: Subject, segment_size: int = 8) -> tuple[IndexContent[VectorStack], VectorComparator]:
    """Index content to which the subjects were applied one by one."""
    comparator = VectorComparator()
    content = IndexContent(comparator, segment_size)
    for one in subjects:
        content.apply({one.subject_id: one})
    return content, comparator


def ids(segments: Sequence[Segment[VectorStack]]) -> list[str]:
    """Subjects of all rows that are alive."""
    return [entry.subject_id for segment in segments for entry, _ in segment.alive_rows]


def test_a_probe_is_compared_with_comparable_positions_of_its_gallery_only() -> None:
    """Equal and UNKNOWN positions in the gallery are searched; other positions and galleries are in other segments."""
    content, _ = content_of(
        subject("same", reference([1, 0, 0, 0], Position.LEFT_THUMB)),
        subject("other", reference([1, 0, 0, 0], Position.LEFT_RING)),
        subject("unknown", reference([1, 0, 0, 0], Position.UNKNOWN)),
        subject("stranger", reference([1, 0, 0, 0], Position.LEFT_THUMB), galleries=("h",)),
    )
    assert ["same", "unknown"] == ids(content.segments(Position.LEFT_THUMB, "g"))
    assert ["same", "other", "unknown"] == ids(content.segments(Position.UNKNOWN, "g"))


def test_other_modalities_and_inactive_encounters_are_left_out_and_not_counted_as_skipped() -> None:
    """The index holds only active references of the comparator's modality; others are not counted as skipped."""
    iris = reference([1, 0, 0, 0], Position.LEFT_EYE, Modality.IRIS)
    inactive = encounter(reference([1, 0, 0, 0]), encounter_id="e2", state=EncounterState.INACTIVE)
    content, _ = content_of(Subject("anna", ("g",), (encounter(iris), inactive)))
    assert ([], 0, 0) == (ids(content.segments(Position.UNKNOWN, "g")), content.skipped_count, content.count("g"))


def test_unusable_references_are_skipped_and_counted_while_they_are_enrolled() -> None:
    """References of another model or with unreadable data are skipped and counted, until their subject is erased."""
    broken = Reference(Position.UNKNOWN, Template(Modality.FINGERPRINT, MODEL_ID, b"short"), 50.0)
    foreign = reference([1, 0, 0, 0], model_id="vector-0")
    content, _ = content_of(subject("anna", broken, foreign, reference([1, 0, 0, 0])), subject("ben", broken))
    assert ["anna"] == ids(content.segments(Position.UNKNOWN, "g"))
    assert (3, 1) == (content.skipped_count, content.count("g"))
    content.apply({"anna": None})
    assert (1, 0) == (content.skipped_count, content.count("g"))


def test_subjects_that_come_one_by_one_are_stacked_few_times_and_into_few_segments() -> None:
    """Of 1,000 rows none is stacked more than log2(64) + 1 times on average, and segments are half full at least."""
    content, comparator = content_of(*(subject(f"s{n}") for n in range(1000)), segment_size=64)
    segments = content.segments(Position.UNKNOWN, "g")
    assert [f"s{n}" for n in range(1000)] == ids(segments)
    assert comparator.stacked_count <= 7 * 1000
    assert len(segments) <= 2 * 1000 / 64 + 7
    assert max(len(segment.rows) for segment in segments) <= 64


def test_a_batch_is_stacked_once() -> None:
    """Rows that arrive together are stacked once, in full segments."""
    content, comparator = content_of(segment_size=64)
    content.apply({f"s{n}": subject(f"s{n}") for n in range(640)})
    assert (640, 10) == (comparator.stacked_count, len(content.segments(Position.UNKNOWN, "g")))


def test_segments_that_a_search_holds_do_not_change() -> None:
    """A deletion does not change segments taken before it, and a new search does not find the subject."""
    content, _ = content_of(subject("anna"), subject("ben"), subject("cleo"))
    held = content.segments(Position.UNKNOWN, "g")
    content.apply({"ben": None})
    assert ["anna", "ben", "cleo"] == ids(held)
    assert ["anna", "cleo"] == ids(content.segments(Position.UNKNOWN, "g"))


def test_erased_rows_are_dropped_when_half_of_a_segment_is_dead() -> None:
    """After 63 of 64 subjects are erased one row is left in memory, and after the last none."""
    content, _ = content_of(*(subject(f"s{n}") for n in range(64)), segment_size=64)
    for n in range(63):
        content.apply({f"s{n}": None})
    assert [1] == [len(segment.rows) for segment in content.segments(Position.UNKNOWN, "g")]
    content.apply({"s63": None})
    assert [] == content.segments(Position.UNKNOWN, "g")


def test_a_purge_removes_all_rows_of_erased_subjects_and_keeps_the_others() -> None:
    """Rows from before a change, and whole segments, are removed too; other segments are not rebuilt."""
    content, comparator = content_of(*(subject(f"s{n}") for n in range(20)), segment_size=4)
    content.apply({"s1": subject("s1", reference([2, 0, 0, 0]))})
    before = content.segments(Position.UNKNOWN, "g")
    content.apply({"s1": None, "s2": None})
    content.apply({"s4": None, "s5": None, "s6": None, "s7": None})
    kept = ids(content.segments(Position.UNKNOWN, "g"))
    stacked = comparator.stacked_count
    content.purge()
    after = content.segments(Position.UNKNOWN, "g")
    rows = [entry.subject_id for segment in after for entry, _ in segment.rows]
    assert kept == ids(after)
    assert not {"s1", "s2", "s4", "s5", "s6", "s7"} & set(rows)
    assert {id(segment) for segment in before} & {id(segment) for segment in after}
    assert comparator.stacked_count - stacked < len(kept)
    content.purge()
    assert [id(segment) for segment in after] == [id(each) for each in content.segments(Position.UNKNOWN, "g")]
