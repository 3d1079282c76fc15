"""gallery.index.columns.stacking: which references of a page are stacked, by position and galleries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from biometrics.template import Modality, Position, Template
from gallery.index.columns.stacking import stacked
from gallery.references import POSITIONS
from gallery.subject import Reference, Subject
from tests.support.builders import MODEL_ID, encounter, reference
from tests.support.fakes.comparators import VectorComparator
from tests.support.stores.pages import page_of

THUMB, RING = Position.LEFT_THUMB, Position.LEFT_RING
BROKEN = Reference(THUMB, Template(Modality.FINGERPRINT, MODEL_ID, b"short"), 50.0)


def test_references_are_stacked_by_position_and_galleries() -> None:
    """Two sets of galleries and two positions make four lists of segments, each of at most the given rows."""
    references = [reference([number, 0, 0, 0], THUMB if number % 3 else RING) for number in range(30)]
    page = page_of(*(Subject(f"s{n}", ("g",), (encounter(each),)) for n, each in enumerate(references)))
    codes = (np.arange(30, dtype=np.int32) // 2) % 2
    made = stacked(page, codes, 100, [VectorComparator()], 4)
    assert {(position, code) for position in (THUMB, RING) for code in (0, 1)} == {
        (key.position, key.galleries) for key in made.segments
    }
    for key, segments in made.segments.items():
        numbers = [n for n in range(30) if (THUMB if n % 3 else RING) is key.position and codes[n] == key.galleries]
        assert [100 + n for n in numbers] == [each for one in segments for each in one.ordinals.tolist()]
        assert numbers == [row[0] for one in segments for row in one.stack.tolist()]
        assert max(one.size for one in segments) <= 4
    assert [1] * 30 == made.reference_counts.tolist()


def test_only_the_templates_that_are_malformed_are_left_out() -> None:
    """Of 40 templates in one segment 3 are malformed; the others are stacked in order."""
    broken = {0, 17, 39}
    references = [BROKEN if n in broken else reference([n, 0, 0, 0], THUMB) for n in range(40)]
    page = page_of(
        Subject("anna", ("g",), (encounter(*references[:20]),)), Subject("ben", ("g",), (encounter(*references[20:]),))
    )
    made = stacked(page, np.zeros(2, np.int32), 0, [VectorComparator()], 64)
    (segments,) = made.segments.values()
    assert [n for n in range(40) if n not in broken] == [row[0] for one in segments for row in one.stack.tolist()]
    assert ([18, 19], [2, 1]) == (made.reference_counts.tolist(), made.skipped_counts.tolist())


def test_undefined_positions_are_skipped() -> None:
    """A reference whose position this program does not know is skipped and counted."""
    page = page_of(Subject("anna", ("g",), (encounter(reference([1, 0, 0, 0]), reference([2, 0, 0, 0])),)))
    page = replace(page, positions=np.array([len(POSITIONS), page.positions[1]], np.int8))
    made = stacked(page, np.zeros(1, np.int32), 0, [VectorComparator()], 64)
    assert ([1], [1]) == (made.reference_counts.tolist(), made.skipped_counts.tolist())
