"""Comparison of templates with signs, of those of the previous model, and of other extractors' minutiae."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import TemplateMalformed
from biometrics.template import Template
from services.fingerprint.comparator import (
    EarlierMinutiaeComparator,
    FingerprintComparator,
    ForeignMinutiaeComparator,
)
from services.fingerprint.template.features import Minutiae
from tests.unit.services.fingerprint.minutiae import moved, random_minutiae, random_signs, template_of

OWN, EARLIER, FOREIGN = FingerprintComparator(), EarlierMinutiaeComparator(), ForeignMinutiaeComparator()
WITHOUT_SIGNS = (EARLIER, FOREIGN)

ONE, LARGE = random_minutiae(1), random_minutiae(3, 55)
PRINTS = (
    ONE,
    moved(ONE.select(np.arange(5, 37)), 25, 9, -5),
    random_minutiae(2, 30),
    LARGE,
    moved(LARGE.select(np.arange(0, 50, 2)), -10, 4, 2),
)
"""Of different counts; the second is a mate of the first, the last one of the fourth."""


def bare(minutiae: Minutiae) -> Minutiae:
    """The same minutiae without signs."""
    return replace(minutiae, signs=None)


def templates(comparator: FingerprintComparator, prints: Sequence[Minutiae]) -> list[Template]:
    """Of the comparator's model."""
    return [template_of(each, comparator.model_id) for each in prints]


def scores(
    comparator: FingerprintComparator, probes: Sequence[Minutiae], references: Sequence[Minutiae]
) -> list[list[float]]:
    """Of every probe with every reference."""
    one, other = (comparator.stack(templates(comparator, each)) for each in (probes, references))
    return [[float(score) for score in row] for row in comparator.compare(one, other)]


@pytest.mark.parametrize("comparator", [OWN, *WITHOUT_SIGNS])
def test_both_layouts_are_accepted(comparator: FingerprintComparator) -> None:
    """In one stack and singly, as own probes come with signs and others without; a third version is refused."""
    both = templates(comparator, [bare(ONE), ONE])
    assert [1, 2] == [each.data[0] for each in both]
    assert 2 == len(comparator.stack(both))
    assert 2 == len(comparator.compare_templates(both[1], both))
    later = Template(both[0].modality, comparator.model_id, b"\3" + both[1].data[1:])
    with pytest.raises(TemplateMalformed, match="layout version is 3, not 1 or 2"):
        comparator.stack([later])


@pytest.mark.parametrize("comparator", [OWN, *WITHOUT_SIGNS])
def test_signs_are_ignored_where_one_of_the_templates_has_none(comparator: FingerprintComparator) -> None:
    """On either side they score exactly as the same minutiae without them, and they are always screened so."""
    without = [bare(each) for each in PRINTS]
    expected = scores(EARLIER, without, without)
    assert expected == scores(comparator, without, without)
    assert expected == scores(comparator, PRINTS, without)
    assert expected == scores(comparator, without, PRINTS)
    stacks = [comparator.stack(templates(comparator, each)) for each in (without, PRINTS)]
    assert comparator.screen(stacks[0], stacks[0]).tolist() == comparator.screen(*stacks).tolist()


@pytest.mark.parametrize("comparator", WITHOUT_SIGNS)
def test_scores_without_signs_are_those_that_were_calibrated(comparator: FingerprintComparator) -> None:
    """As of version fingerprint-elastic-2, whose calibrations they are mapped by."""
    expected = [
        [6.242855, 5.063730, -0.000242, -0.106491, 0.032136],
        [5.063730, 5.609504, -0.017530, -0.070574, 0.053834],
        [-0.000242, -0.017530, 5.445222, -0.062625, -0.000619],
    ]
    assert np.array(expected) == pytest.approx(
        np.array(scores(comparator, PRINTS[:3], [bare(each) for each in PRINTS])), abs=1e-5
    )


@pytest.mark.parametrize("comparator", [OWN, *WITHOUT_SIGNS])
def test_probe_and_reference_can_be_exchanged(comparator: FingerprintComparator) -> None:
    """Exactly, also among prints of equal counts."""
    prints = [*PRINTS, random_minutiae(4), random_minutiae(5, 30)]
    found = np.array(scores(comparator, prints, prints))
    assert found.tolist() == found.T.tolist()


@pytest.mark.parametrize("comparator", [OWN, *WITHOUT_SIGNS])
@pytest.mark.parametrize("other", range(len(PRINTS)))
def test_the_explained_terms_sum_to_the_score(comparator: FingerprintComparator, other: int) -> None:
    """Whether signs add to it or not."""
    probe, reference = templates(comparator, [PRINTS[0], PRINTS[other] if comparator is OWN else bare(PRINTS[other])])
    explained = comparator.explain(probe, reference)
    assert explained.score == comparator.compare_templates(probe, [reference])[0]
    assert explained.score == pytest.approx(sum(value for _, value in explained.terms), abs=1e-5)


@pytest.mark.parametrize("comparator", WITHOUT_SIGNS)
def test_without_signs_paired_minutiae_add_nothing(comparator: FingerprintComparator) -> None:
    """The likeness of pairs is 0 where signs are not looked at, and above it where they are."""
    assert 0.0 == comparator.pairing(*templates(comparator, [PRINTS[0], bare(PRINTS[1])])).likeness_of_pairs
    assert OWN.pairing(*templates(OWN, PRINTS[:2])).likeness_of_pairs > 0.5


def test_the_more_signs_of_mates_agree_the_higher_they_score() -> None:
    """All, three quarters, half, none; with all they score higher than without signs."""
    mate = PRINTS[1]
    differing = (0, 0xFF, 0xFFFF, 0xFFFFFFFF)
    probes = [replace(mate, signs=mate.signs ^ np.uint32(each)) for each in differing]
    falling = [row[0] for row in scores(OWN, probes, [ONE])]
    assert sorted(falling, reverse=True) == falling
    assert len(set(falling)) == len(falling)
    assert falling[0] > scores(EARLIER, [mate], [bare(ONE)])[0][0] + 0.5


def test_strangers_do_not_score_higher_by_their_signs() -> None:
    """Mates whose signs have nothing in common score lower than mates, and strangers stay far below both."""
    strange = replace(PRINTS[1], signs=random_signs(9, len(PRINTS[1])))
    (mate, changed, stranger), *_ = scores(OWN, [ONE], [PRINTS[1], strange, PRINTS[2]])
    assert mate > changed + 0.5 > 4 * stranger
