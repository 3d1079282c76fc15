"""Named subjects are scored from the rows that the index holds, in any segments."""

from __future__ import annotations

import random

import pytest

from biometrics.template import Position, Template
from gallery.index.columns.parts import Ordinals
from gallery.index.search.rank import IndexHit, rank
from gallery.index.search.score import scored
from gallery.index.state import IndexState
from gallery.patience import always
from gallery.subject import Subject
from tests.support.brute_force import brute_force
from tests.support.builders import encounter, reference, vector
from tests.support.fakes.comparators import ScreeningVectorComparator, VectorComparator, VectorStack
from tests.support.stores.pages import content_of, name_of, page_of

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
    found: tuple[IndexState[VectorStack], Ordinals],
    comparator: VectorComparator,
) -> list[IndexHit]:
    """Subjects with their scores, best first."""
    state, ordinals = found
    best, searched = scored(comparator.stack([probe]), position, ordinals, state, comparator, always)
    return rank(best, position, searched, ordinals.size) if best.rows.size else []


@pytest.mark.parametrize("kind", COMPARATORS)
@pytest.mark.parametrize("segment_size", [3, 16, 4096])
def test_scores_are_those_of_all_references_of_the_subjects(kind: type[VectorComparator], segment_size: int) -> None:
    """After additions, changes, erasures and purges, scores and counts equal those of comparing each reference."""
    rng, comparator = random.Random(segment_size), kind()
    content = content_of(segment_size=segment_size, comparator=comparator)
    ids, current = [f"s{number}" for number in range(60)], dict[str, Subject]()
    for _ in range(40):
        chosen = rng.sample(ids, 7)
        changed = {each: subject(each, rng) for each in chosen[: rng.randrange(8)]}
        content.apply(page_of(*changed.values()), [name_of(each) for each in chosen if each not in changed])
        current = {key: value for key, value in current.items() if key not in chosen} | changed
        if rng.random() < 0.2:
            content.purge()
        asked = rng.sample(ids, 30)
        probe, position = vector([rng.randrange(-9, 10) for _ in range(4)]), rng.choice(FINGERS)
        expected = brute_force(probe, position, [current[each] for each in asked if each in current])
        assert expected == hits_of(probe, position, content.found([*asked, *asked, "none"]), comparator)


def test_references_are_not_stacked_again_to_score_subjects() -> None:
    """The stacks for searches are used, so only the probe is stacked."""
    rng, comparator = random.Random(0), ScreeningVectorComparator()
    content = content_of(*(subject(f"s{number}", rng) for number in range(500)), segment_size=64, comparator=comparator)
    found = content.found([f"s{number}" for number in range(0, 500, 3)])
    before = comparator.stacked_count, comparator.gathered_count
    assert hits_of(vector([1, 2, 3, 4]), Position.UNKNOWN, found, comparator)
    assert (before[0] + 1, before[1]) == (comparator.stacked_count, comparator.gathered_count)


@pytest.mark.parametrize("kind", COMPARATORS)
def test_a_subject_that_changes_meanwhile_is_scored_as_it_was_when_it_was_looked_up(
    kind: type[VectorComparator],
) -> None:
    """A subject that changes after it was looked up is scored by its former references, even if they are purged."""
    comparator = kind()
    former, later = (Subject("anna", ("g",), (encounter(reference([n, 0, 0, 0])),)) for n in (1, 2))
    content = content_of(former, segment_size=8, comparator=comparator)
    found = content.found(["anna"])
    content.apply(page_of(later))
    content.apply(page_of(), [name_of("anna")])
    content.purge()
    expected = [IndexHit("anna", 3.0, Position.RIGHT_INDEX, 1)]
    assert expected == hits_of(vector([3, 0, 0, 0]), Position.UNKNOWN, found, comparator)
