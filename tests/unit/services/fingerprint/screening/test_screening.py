"""Screening of fingerprints, through the comparator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from biometrics.comparison import ScreeningComparator
from services.extraction import Extraction
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.comparison.stack import PrintStack
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.template.features import Minutiae
from tests.unit.services.fingerprint.minutiae import moved, random_minutiae, template_of

STRANGERS = 300


@pytest.fixture(scope="module")
def comparator() -> FingerprintComparator:
    """The real comparator."""
    return FingerprintComparator()


@pytest.fixture(scope="module")
def strangers(comparator: FingerprintComparator) -> PrintStack:
    """300 prints of 20–59 minutiae."""
    return stack(comparator, [random_minutiae(1000 + number, 20 + number % 40) for number in range(STRANGERS)])


def stack(comparator: FingerprintComparator, prints: Sequence[Minutiae]) -> PrintStack:
    """Stacked prints."""
    return comparator.stack([template_of(each) for each in prints])


def test_the_comparator_offers_screening(comparator: FingerprintComparator) -> None:
    """It implements the port by which an index recognises it."""
    assert isinstance(comparator, ScreeningComparator)
    assert 0 < comparator.screened_share < 1


@pytest.mark.parametrize(
    ("degrees", "right", "down"), [(0, 0, 0), (0, 40, -25), (25, 0, 0), (-60, 10, 10), (75, -15, 20)]
)
def test_a_moved_print_screens_above_strangers(
    comparator: FingerprintComparator, strangers: PrintStack, degrees: float, right: float, down: float
) -> None:
    """A print shifted and rotated by up to 75° screens at over three times the score of any of 300 strangers."""
    original = random_minutiae(1)
    probe = stack(comparator, [moved(original, degrees, right, down)])
    mate = comparator.screen(probe, stack(comparator, [original]))[0, 0]
    assert mate > 3 * comparator.screen(probe, strangers).max() > 0


def test_half_a_print_with_noise_screens_above_strangers(
    comparator: FingerprintComparator, strangers: PrintStack
) -> None:
    """Half of the minutiae, stretched by 5 %, with 2 px and 6° noise, screen above all of 300 strangers."""
    original, random = random_minutiae(2, 50), np.random.default_rng(3)
    half = original.select(original.x < 200)
    poor = replace(
        half,
        x=(half.x * 1.05 + random.normal(0, 2, len(half))).astype(np.float32),
        y=(half.y + random.normal(0, 2, len(half))).astype(np.float32),
        angle=((half.angle + random.normal(0, 0.1, len(half))) % (2 * np.pi)).astype(np.float32),
    )
    probe = stack(comparator, [poor])
    mate = comparator.screen(probe, stack(comparator, [original]))[0, 0]
    assert mate > comparator.screen(probe, strangers).max()


def test_impressions_of_one_finger_screen_above_strangers(
    comparator: FingerprintComparator, strangers: PrintStack, extractions: list[Extraction[FingerprintDetails]]
) -> None:
    """Two real impressions of one finger screen above another finger and 300 generated ones."""
    fingers = comparator.stack([extraction.template for extraction in extractions])
    scores, others = comparator.screen(fingers, fingers), comparator.screen(fingers, strangers)
    for probe, mate in ((0, 1), (1, 0)):
        assert scores[probe, mate] > max(scores[probe, 2], others[probe].max())


def test_an_upside_down_print_is_not_found(comparator: FingerprintComparator) -> None:
    """After rotation by 180° no minutia has a similar partner of about its direction."""
    original = random_minutiae(1)
    pair = stack(comparator, [original, moved(original, 180)])
    scores = comparator.screen(pair, pair)
    assert scores[1, 0] < scores[0, 0] / 3


def test_a_score_depends_on_its_two_prints_only(comparator: FingerprintComparator, strangers: PrintStack) -> None:
    """Screened alone, the last of 300 references has the same score as among them, for each of two probes."""
    probes = [random_minutiae(1), random_minutiae(5, 30)]
    last = stack(comparator, [random_minutiae(1000 + STRANGERS - 1, 20 + (STRANGERS - 1) % 40)])
    together = comparator.screen(stack(comparator, probes), strangers)[:, -1]
    assert together.tolist() == [comparator.screen(stack(comparator, [each]), last)[0, 0] for each in probes]


def test_pairs_score_as_in_the_full_matrix(comparator: FingerprintComparator, strangers: PrintStack) -> None:
    """Pairs of any rows, also repeated ones, have the scores of the full comparison."""
    probes = stack(comparator, [random_minutiae(1), random_minutiae(6)])
    rows, columns = np.array([0, 0, 0, 1, 1]), np.array([7, 0, 7, 299, 7])
    everything = comparator.compare(probes, strangers)
    assert everything[rows, columns].tolist() == comparator.compare_pairs(probes, strangers, rows, columns).tolist()
    assert (0,) == comparator.compare_pairs(probes, strangers, rows[:0], columns[:0]).shape


@pytest.mark.parametrize("count", [0, 1])
def test_prints_with_too_few_minutiae_screen_at_zero(comparator: FingerprintComparator, count: int) -> None:
    """No two pairs support each other, even for a print and itself."""
    few, many = stack(comparator, [random_minutiae(7, count)]), stack(comparator, [random_minutiae(8)])
    for probe, reference in ((few, many), (many, few), (few, few)):
        assert 0.0 == comparator.screen(probe, reference)[0, 0]
