"""The pairs of minutiae that a score rests on."""

from __future__ import annotations

import numpy as np

from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.template.features import unpack
from tests.unit.services.fingerprint.minutiae import moved, random_minutiae, template_of


def test_the_pairs_of_a_moved_print_are_its_own_minutiae() -> None:
    """Every minutia of a rotated and shifted print is paired with itself, with a weight near 1."""
    original = random_minutiae(1)
    probe, reference = template_of(original), template_of(moved(original, degrees=20, right=9, down=-5))
    found = FingerprintComparator().pairing(probe, reference)
    there = unpack(reference.data).minutiae
    expected = moved(unpack(probe.data).minutiae, degrees=20, right=9, down=-5)
    distance = np.hypot(
        expected.x[found.pairs.probe] - there.x[found.pairs.reference],
        expected.y[found.pairs.probe] - there.y[found.pairs.reference],
    )
    assert list(range(40)) == found.pairs.probe.tolist()
    assert distance.max() < 2
    assert found.pairs.weight.min() > 0.9


def test_an_explanation_has_the_score_of_the_comparison_and_is_symmetric() -> None:
    """Exchanging probe and reference exchanges the ends of every pair, and the score is that of `compare`."""
    original = random_minutiae(2)
    fewer = moved(original.select(np.arange(7, 40)), right=4)
    comparator = FingerprintComparator()
    one, other = template_of(original), template_of(fewer)
    there, back = comparator.pairing(one, other), comparator.pairing(other, one)
    score = comparator.compare(comparator.stack([one]), comparator.stack([other]))[0, 0]
    pairs = sorted(zip(there.pairs.probe.tolist(), there.pairs.reference.tolist(), strict=True))
    turned = sorted(zip(back.pairs.reference.tolist(), back.pairs.probe.tolist(), strict=True))
    assert pairs == turned
    assert len(pairs) == 33
    assert (float(score), float(score)) == (np.float32(there.score), np.float32(back.score))


def test_prints_with_nothing_alike_have_no_pairs() -> None:
    """A print without minutiae pairs with nothing and scores 0."""
    empty = template_of(random_minutiae(3, count=0))
    found = FingerprintComparator().pairing(empty, template_of(random_minutiae(4)))
    assert (0, 0, 0.0) == (len(found.pairs.probe), len(found.pairs.weight), found.score)
