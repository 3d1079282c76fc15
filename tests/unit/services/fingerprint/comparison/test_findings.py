"""What is shown of a comparison of two fingerprints is what its score is made of."""

from __future__ import annotations

import io
from dataclasses import replace
from math import cos, log, radians, sin, sqrt
from typing import Any

import numpy as np
import pytest
from PIL import Image

from services.fingerprint.comparator import EarlierMinutiaeComparator, FingerprintComparator
from services.fingerprint.template.features import unpack
from tests.unit.services.fingerprint.minutiae import moved, random_minutiae, template_of, without_signs

COMPARATOR = FingerprintComparator()
ONE = template_of(random_minutiae(1))
FEWER = template_of(moved(random_minutiae(1).select(np.arange(5, 37)), degrees=25, right=9, down=-5))
OTHER = template_of(random_minutiae(2, count=50))
PAIRS = [(ONE, FEWER), (FEWER, ONE), (ONE, OTHER), (ONE, ONE)]


@pytest.mark.parametrize(("probe", "reference"), PAIRS)
def test_the_shown_score_is_that_of_the_comparison_and_follows_from_what_is_shown(probe: Any, reference: Any) -> None:
    """To the last bit the score of `compare_templates`, and by the formula what the findings amount to."""
    explained = COMPARATOR.explain(probe, reference)
    found: Any = explained.findings
    assert explained.score == COMPARATOR.compare_templates(probe, [reference])[0]
    assert explained.score == pytest.approx(sum(value for _, value in explained.terms), abs=1e-5)
    on_reference, on_probe = found.common_probe_count, found.common_reference_count
    geometric = sum(each.weight for each in found.pairs) ** 2 / sqrt(on_reference * on_probe + 1)
    assert found.geometric_score == pytest.approx(geometric if len(found.pairs) >= 3 else 0.0)
    chance = log((on_reference + 1) * (on_probe + 1) / (found.common_cell_count + 10))
    alike = sum(each.weight * each.likeness for each in found.pairs) / sqrt(sqrt(on_reference * on_probe + 1))
    likeness = sqrt(found.local_score * found.geometric_score) + 0.25 * (alike if len(found.pairs) >= 3 else 0.0)
    assert explained.score == pytest.approx(likeness - 0.09 * chance, abs=1e-5)
    assert found.local_score == pytest.approx(sum(each.weight for each in found.similar_pairs) / 12, rel=1e-5)


def test_without_signs_no_likeness_is_shown() -> None:
    """With a template of the previous model there are two terms instead of three, and likenesses do not count."""
    probe, reference = (each.of_model(EarlierMinutiaeComparator.model_id) for each in (ONE, without_signs(FEWER)))
    explained = EarlierMinutiaeComparator().explain(probe, reference)
    found: Any = explained.findings
    assert ["likeness", "chance"] == [name for name, _ in explained.terms]
    assert ["likeness", "alike pairs", "chance"] == [name for name, _ in COMPARATOR.explain(ONE, FEWER).terms]
    assert [None] * 32 == [each.likeness for each in found.pairs]


def test_exchanging_the_prints_exchanges_all_that_is_shown() -> None:
    """Pairs, counts and templates are the other way round, and the motions undo each other."""
    there, back = (COMPARATOR.explain(*each).findings for each in ((ONE, FEWER), (FEWER, ONE)))
    assert (there.probe, there.reference) == (back.reference, back.probe)
    assert (there.common_probe_count, there.common_cell_count) == (back.common_reference_count, back.common_cell_count)
    for name in ("pairs", "similar_pairs"):
        exchanged = {
            replace(each, probe_index=each.reference_index, reference_index=each.probe_index)
            for each in getattr(back, name)
        }
        assert set(getattr(there, name)) == exchanged
    assert -there.motion.rotation_degrees == pytest.approx(back.motion.rotation_degrees)


def test_the_motion_lays_paired_minutiae_over_each_other() -> None:
    """By the formula of the contract, each of the 32 minutiae comes within 2 px of itself; the best pair is first."""
    found = COMPARATOR.explain(ONE, FEWER).findings
    assert 25.0 == pytest.approx(found.motion.rotation_degrees, abs=1)
    assert 32 == len(found.pairs)
    assert [each.weight for each in found.pairs] == sorted((each.weight for each in found.pairs), reverse=True)
    c, s = cos(radians(found.motion.rotation_degrees)), sin(radians(found.motion.rotation_degrees))
    for pair in found.pairs:
        one, other = found.probe.minutiae[pair.probe_index], found.reference.minutiae[pair.reference_index]
        x = one.x_px * c + one.y_px * s + found.motion.right_px
        y = -one.x_px * s + one.y_px * c + found.motion.down_px
        assert np.hypot(x - other.x_px, y - other.y_px) < 2


def test_minutiae_and_area_are_those_of_the_template() -> None:
    """In the template's order, with angles in degrees; the area is a picture of one pixel per cell."""
    content, features = COMPARATOR.explain(ONE, OTHER).findings.probe, unpack(ONE.data)
    shown = [(each.x_px, each.y_px, each.is_bifurcation) for each in content.minutiae]
    stored = features.minutiae
    assert shown == list(zip(stored.x.tolist(), stored.y.tolist(), stored.bifurcation.tolist(), strict=True))
    assert np.degrees(stored.angle) == pytest.approx([each.angle_degrees for each in content.minutiae], abs=1e-3)
    assert features.mask.tolist() == np.asarray(Image.open(io.BytesIO(content.area_png))).tolist()


def test_prints_with_nothing_alike_show_no_pairs() -> None:
    """The score is 0, without terms and motion."""
    explained = COMPARATOR.explain(template_of(random_minutiae(3, count=2)), ONE)
    found: Any = explained.findings
    assert (0.0, (), (), (), None) == (explained.score, explained.terms, found.pairs, found.similar_pairs, found.motion)
