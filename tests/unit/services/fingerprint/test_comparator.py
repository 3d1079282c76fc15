"""Comparison of generated minutiae sets."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import TemplateMalformed, TemplateModelMismatch
from biometrics.template import Modality, Template
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import (
    MAX_MINUTIAE,
    MAX_SIDE_PX,
    MODEL_ID,
    FingerFeatures,
    Minutiae,
    mask_shape,
    pack,
)
from tests.unit.services.fingerprint.minutiae import moved, random_minutiae, template_of

MATCHING = 1.5  # over four times the largest score of generated non-mated comparisons below


def score(a: Minutiae, b: Minutiae) -> float:
    """The comparator's score of two minutiae sets."""
    comparator = FingerprintComparator()
    return float(comparator.compare(comparator.stack([template_of(a)]), comparator.stack([template_of(b)]))[0, 0])


@pytest.mark.parametrize(
    ("degrees", "right", "down"), [(0, 0, 0), (0, 40, -25), (25, 0, 0), (-60, 10, 10), (80, -15, 20)]
)
def test_a_moved_print_matches_itself(degrees: float, right: float, down: float) -> None:
    """A print shifted and rotated by up to 80° scores at least 90 % of its score with itself."""
    original = random_minutiae(1)
    assert score(original, moved(original, degrees, right, down)) > 0.9 * score(original, original) > MATCHING


def test_an_upside_down_print_does_not_match() -> None:
    """Minutiae rotated by 180° are not compared."""
    original = random_minutiae(1)
    assert score(original, moved(original, 180)) < 0.3


def test_a_mirrored_print_does_not_match() -> None:
    """A print and its mirror image are different fingers."""
    original = random_minutiae(1)
    mirrored = replace(original, x=400 - original.x, angle=(np.pi - original.angle) % np.float32(2 * np.pi))
    assert score(original, mirrored) < 0.3


def test_a_stretched_noisy_partial_print_matches() -> None:
    """Half of the minutiae, stretched by 6 %, with 2 px and 8° noise and six false ones, still match."""
    original = random_minutiae(2, 50)
    random = np.random.default_rng(3)
    half = original.select(original.x < 210)
    poor = replace(
        half,
        x=(half.x * 1.06 + random.normal(0, 2, len(half))).astype(np.float32),
        y=(half.y + random.normal(0, 2, len(half))).astype(np.float32),
        angle=((half.angle + random.normal(0, 0.14, len(half))) % (2 * np.pi)).astype(np.float32),
    )
    false = random_minutiae(4, 6)
    fields = ("x", "y", "angle", "bifurcation", "confidence", "signs")
    both = Minutiae(*(np.concatenate([getattr(poor, name), getattr(false, name)]) for name in fields))
    assert score(original, both) > 1.0


def test_unrelated_prints_score_low() -> None:
    """None of 190 comparisons of unrelated prints reaches a third of the score that counts as a match here."""
    comparator = FingerprintComparator()
    stack = comparator.stack([template_of(random_minutiae(seed, 25 + seed)) for seed in range(20)])
    scores = comparator.compare(stack, stack)
    assert scores[np.triu_indices(20, 1)].max() < MATCHING / 3 < scores.diagonal().min()


def test_the_order_of_minutiae_does_not_matter() -> None:
    """Shuffled minutiae give exactly the same score."""
    probe, reference = random_minutiae(5), moved(random_minutiae(5), 10)
    order = np.random.default_rng(6).permutation(len(probe))
    assert score(probe, reference) == score(probe.select(order), reference)


def test_probe_and_reference_can_be_exchanged() -> None:
    """Scores are exactly symmetric, also for prints with equally many minutiae."""
    comparator = FingerprintComparator()
    stack = comparator.stack([template_of(random_minutiae(seed, 30 + seed // 2)) for seed in range(8)])
    scores = comparator.compare(stack, stack)
    assert scores.tolist() == scores.T.tolist()


def test_stacks_score_as_single_templates() -> None:
    """Each score of a matrix equals the score of its two templates alone, in order."""
    prints = [random_minutiae(seed) for seed in range(3)]
    comparator = FingerprintComparator()
    stacks = [comparator.stack([template_of(each) for each in group]) for group in (prints[:2], prints)]
    expected = [[score(a, b) for b in prints] for a in prints[:2]]
    assert expected == comparator.compare(*stacks).tolist()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_prints_with_few_minutiae_have_a_finite_low_score(count: int) -> None:
    """Prints of 0–5 minutiae have finite low scores, also with themselves."""
    few, many = random_minutiae(7, count), random_minutiae(8)
    assert 0.0 <= score(few, many) < 0.5
    assert 0.0 <= score(few, few) < 4.0


def test_no_templates_give_an_empty_matrix() -> None:
    """An empty stack on either side gives an empty matrix."""
    comparator = FingerprintComparator()
    stack = comparator.stack([template_of(random_minutiae(1))])
    assert (0, 1) == comparator.compare(comparator.stack([]), stack).shape
    assert (1, 0) == comparator.compare(stack, comparator.stack([])).shape


def test_a_stack_does_not_show_its_content() -> None:
    """Its repr has the number of prints, and nothing about them."""
    stack = FingerprintComparator().stack([template_of(random_minutiae(seed)) for seed in range(2)])
    assert "PrintStack(2)" == repr(stack)


def test_prints_with_the_most_minutiae_fit() -> None:
    """Prints of 100 minutiae across the largest image are compared, and match themselves."""
    random = np.random.default_rng(9)
    number = random.uniform(0, MAX_SIDE_PX - 1, (2, MAX_MINUTIAE)).astype(np.float32)
    angle = random.uniform(0, 6, MAX_MINUTIAE).astype(np.float32)
    signs = random.integers(0, 2**32, MAX_MINUTIAE, np.uint32)
    largest = Minutiae(number[0], number[1], angle, np.zeros(MAX_MINUTIAE, np.bool_), np.ones_like(angle), signs)
    mask = np.ones(mask_shape(MAX_SIDE_PX, MAX_SIDE_PX), np.bool_)
    data = pack(FingerFeatures(MAX_SIDE_PX, MAX_SIDE_PX, mask, largest))
    comparator = FingerprintComparator()
    stack = comparator.stack([Template(Modality.FINGERPRINT, MODEL_ID, data), template_of(random_minutiae(1))])
    scores = comparator.compare(stack, stack)
    assert np.isfinite(scores).all()
    assert scores[0, 0] > MATCHING > scores[0, 1]


def test_threads_get_the_scores_of_a_single_thread() -> None:
    """Four threads that compare concurrently do not disturb each other."""
    comparator = FingerprintComparator()
    stack = comparator.stack([template_of(random_minutiae(seed)) for seed in range(12)])
    expected = comparator.compare(stack, stack).tolist()
    with ThreadPoolExecutor(4) as threads:
        tables = list(threads.map(lambda _: comparator.compare(stack, stack).tolist(), range(8)))
    assert [expected] * 8 == tables


def test_a_template_of_another_model_is_refused() -> None:
    """Stacking names the expected model."""
    other = Template(Modality.FINGERPRINT, "fingerprint-other-1", template_of(random_minutiae(1)).data)
    with pytest.raises(TemplateModelMismatch, match=MODEL_ID):
        FingerprintComparator().stack([other])


def test_a_damaged_template_is_refused() -> None:
    """Stacking unpacks and checks."""
    damaged = Template(Modality.FINGERPRINT, MODEL_ID, template_of(random_minutiae(1)).data[:-3])
    with pytest.raises(TemplateMalformed):
        FingerprintComparator().stack([damaged])
