"""Named subjects are scored from the rows that the index holds, in any segments."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from biometrics.template import Position, Template
from gallery.index.content import IndexContent
from gallery.index.search.rank import rank
from gallery.index.search.score import scored
from gallery.index.segment import Entry
from gallery.patience import always
from gallery.subject import Subject
from tests.support.builders import encounter, reference, vector
from tests.support.fakes.comparators import ScreeningVectorComparator, VectorComparator, VectorStack

FINGERS = (Position.LEFT_THUMB, Position.RIGHT_INDEX, Position.UNKNOWN)
GALLERIES = (("g",), ("h",), ("g", "h"))
COMPARATORS = (ScreeningVectorComparator, VectorComparator)


def subject(subject_id: str, rng: random.Random) -> Subject:
    """A subject with up to four fingers, several of which may be of one position."""
    references = [reference([rng.randrange(-9, 10) for _ in range(4)], rng.choice(FINGERS)) for _ in range(4)]
    return Subject(subject_id, rng.choice(GALLERIES), (encounter(*references[: rng.randrange(5)]),))


def hits_of(
    probe: Template,
    position: Position,
    entries: Sequence[Entry],
    content: IndexContent[VectorStack],
    comparator: VectorComparator,
) -> list[tuple[str, float]]:
    """Subjects with their scores, best first."""
    found, searched = scored(comparator.stack([probe]), position, entries, content, comparator, always)
    hits = rank(found, position, searched, len(entries)) if found.rows.size else []
    return [(hit.subject_id, hit.score) for hit in hits]


def brute_force(probe: Template, position: Position, entries: Sequence[Entry]) -> list[tuple[str, float]]:
    """The same, compared one by one."""
    comparator, best = VectorComparator(), []
    for entry in entries:
        templates = [each.template for each in entry.comparable(position)]
        if templates:
            best.append((entry.subject_id, float(comparator.compare_templates(probe, templates).max())))
    return sorted(best, key=lambda each: (-each[1], each[0]))


@pytest.mark.parametrize("kind", COMPARATORS)
@pytest.mark.parametrize("segment_size", [3, 16, 4096])
def test_scores_are_those_of_all_references_of_the_subjects(kind: type[VectorComparator], segment_size: int) -> None:
    """After additions, changes and erasures, scores equal those of comparing each reference."""
    rng, comparator = random.Random(segment_size), kind()
    content: IndexContent[VectorStack] = IndexContent(comparator, segment_size)
    ids = [f"s{number}" for number in range(60)]
    for _ in range(40):
        content.apply({each: subject(each, rng) if rng.random() < 0.8 else None for each in rng.sample(ids, 7)})
        entries = [entry for entry in map(content.entry, rng.sample(ids, 30)) if entry]
        probe, position = vector([rng.randrange(-9, 10) for _ in range(4)]), rng.choice(FINGERS)
        assert brute_force(probe, position, entries) == hits_of(probe, position, entries, content, comparator)


def test_references_are_not_stacked_again_to_score_subjects() -> None:
    """The stacks for searches are used, so only the probe is stacked."""
    rng, comparator = random.Random(0), ScreeningVectorComparator()
    content: IndexContent[VectorStack] = IndexContent(comparator, 64)
    content.apply({f"s{number}": subject(f"s{number}", rng) for number in range(500)})
    entries = [entry for entry in (content.entry(f"s{number}") for number in range(0, 500, 3)) if entry]
    before = comparator.stacked_count
    assert hits_of(vector([1, 2, 3, 4]), Position.UNKNOWN, entries, content, comparator)
    assert before + 1 == comparator.stacked_count


@pytest.mark.parametrize("kind", COMPARATORS)
def test_a_subject_that_changes_meanwhile_is_scored_as_it_was_when_it_was_looked_up(
    kind: type[VectorComparator],
) -> None:
    """A subject that changes after it was looked up is scored by its former references, even if their rows are gone."""
    comparator = kind()
    content: IndexContent[VectorStack] = IndexContent(comparator, 8)
    former, later = (Subject("anna", ("g",), (encounter(reference([n, 0, 0, 0])),)) for n in (1, 2))
    content.apply({"anna": former})
    entry = content.entry("anna")
    assert entry is not None
    content.apply({"anna": later})
    assert [("anna", 3.0)] == hits_of(vector([3, 0, 0, 0]), Position.UNKNOWN, [entry], content, comparator)
