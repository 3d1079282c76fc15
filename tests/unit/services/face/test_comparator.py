"""Cosines of face templates, and approximate ones in int8 with an error bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.errors import TemplateMalformed, TemplateModelMismatch
from services.face.comparator import FaceComparator, FaceStack, PairComparator
from services.face.comparison.int8_codes import coded
from services.face.comparison.residuals import PAIR_SCALE, SCALE
from services.face.template.features import MODEL_ID, NORM_TOLERANCE, Embeddings, joined, pack

COMPARATOR = FaceComparator()
PAIR = PairComparator()


def unit(count: int, seed: int, power: int = 1, dimensions: int = 128) -> Embeddings:
    """Random unit vectors, float32 (count, 128); the greater the power, the fewer dimensions carry their length."""
    numbers = np.random.default_rng(seed).standard_normal((count, dimensions)) ** power
    return (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float32)


def stack(vectors: Embeddings) -> FaceStack:
    """A stack as made of templates."""
    return COMPARATOR.stack([pack(vector) for vector in vectors])


@pytest.mark.parametrize(("probes", "references"), [(1, 1), (3, 17), (5, 100), (8, 16)])
def test_scores_are_cosines(probes: int, references: int) -> None:
    """Scores are dot products of unit vectors, for any numbers of probes and references."""
    one, other = unit(probes, 1), unit(references, 2)
    cosines = one.astype(np.float64) @ other.T.astype(np.float64)
    assert cosines == pytest.approx(COMPARATOR.compare(stack(one), stack(other)), abs=1e-6)


def test_a_score_depends_on_its_two_vectors_only() -> None:
    """Alone or among others, and in either order, two vectors have the same score to the last bit."""
    one, other = unit(3, 1), unit(50, 2)
    table = COMPARATOR.compare(stack(one), stack(other))
    assert table.T.tolist() == COMPARATOR.compare(stack(other), stack(one)).tolist()
    assert table[2, 37] == COMPARATOR.compare(stack(one[2:]), stack(other[37:38]))[0, 0]


def test_pairs_score_as_in_the_full_matrix() -> None:
    """`compare_pairs` gives the scores of `compare` for these pairs, in their order."""
    one, other, rows, columns = stack(unit(2, 1)), stack(unit(30, 2)), np.array([0, 0, 1]), np.array([29, 3, 3])
    pairs = COMPARATOR.compare_pairs(one, other, rows, columns)
    assert COMPARATOR.compare(one, other)[rows, columns].tolist() == pairs.tolist()


@settings(deadline=None, database=None)
@given(st.integers(0, 99), st.integers(1, 6), st.integers(1, 40), st.sampled_from([1, 3, 9]))
def test_approximate_scores_keep_their_bound(seed: int, probes: int, references: int, power: int) -> None:
    """However a vector's length is distributed over dimensions, no approximate score exceeds the error bound."""
    one = stack(unit(probes, seed, power))
    other = stack(np.concatenate([unit(references, seed + 100, power), one.vectors, -one.vectors]))
    off = np.abs(COMPARATOR.screen(one, other) - COMPARATOR.compare(one, other))
    assert off.max() <= COMPARATOR.screening_error(one, other)


def test_approximate_scores_are_products_of_the_codes() -> None:
    """They are exactly the dot products of the rounded vectors."""
    one, other = unit(5, 1), unit(33, 2)
    rounded = [np.rint(each * np.float32(SCALE)).astype(int) for each in (one, other)]
    expected = (rounded[0] @ rounded[1].T).astype(np.float32) * np.float32(1 / SCALE**2)
    assert expected.tolist() == COMPARATOR.screen(stack(one), stack(other)).tolist()


@pytest.mark.parametrize(("probes", "references"), [(1, 1), (3, 700), (9, 3000)])
def test_screen_above_finds_the_high_scores_of_the_full_matrix(probes: int, references: int) -> None:
    """It yields all scores that reach their probe's threshold, each once, and none that is lower beyond rounding."""
    one, other = stack(unit(probes, 1)), stack(unit(references, 2))
    table, thresholds = COMPARATOR.screen(one, other), np.linspace(-0.3, 0.2, probes, dtype=np.float32)
    found = np.zeros(table.shape, int)
    for part in COMPARATOR.screen_above(one, other, thresholds):
        found[part.probes, part.rows] += 1
        assert table[part.probes, part.rows].tolist() == part.scores.tolist()
    assert np.all(found[table >= thresholds[:, None]] == 1)
    assert not found[table < thresholds[:, None] - 3 / SCALE**2].any()


def test_a_raised_threshold_applies_to_the_remaining_parts() -> None:
    """If the threshold becomes 1 after the first part, no more scores are yielded."""
    one, other = stack(unit(1, 1)), stack(unit(30_000, 2))
    thresholds, sizes = np.full(1, -np.inf, np.float32), []
    for part in COMPARATOR.screen_above(one, other, thresholds):
        sizes.append(part.rows.size)
        thresholds[:] = 1.0
    assert 0 < sizes[0] < 30_000
    assert 0 == sum(sizes[1:])


def test_the_error_of_typical_vectors_is_small() -> None:
    """Vectors spread over all dimensions have an error within 0.025, so that a search compares few extra references."""
    assert 0.015 < coded(unit(1000, 1)).error < 0.025


def test_no_templates() -> None:
    """No probes or no references give an empty matrix."""
    none, some = COMPARATOR.stack([]), stack(unit(3, 1))
    assert [(0, 3), (3, 0)] == [COMPARATOR.screen(none, some).shape, COMPARATOR.screen(some, none).shape]
    assert [(0, 3), (3, 0)] == [COMPARATOR.compare(none, some).shape, COMPARATOR.compare(some, none).shape]


def of_both(count: int, seed: int) -> Embeddings:
    """Random vectors of two networks, of which all that the second makes are alike; float32 (count, 256)."""
    alike = unit(count, seed + 1) + 2 * unit(1, 0)
    return joined(unit(count, seed), alike / np.linalg.norm(alike, axis=1, keepdims=True))


def test_the_pairs_score_is_the_mean_of_two_cosines() -> None:
    """It is the mean of both networks' cosines."""
    one, other = of_both(3, 1), of_both(40, 2)
    halves = [2 * one[:, part].astype(float) @ other[:, part].T for part in (slice(128), slice(128, 256))]
    scores = PAIR.compare(*(PAIR.stack([pack(each) for each in vectors]) for vectors in (one, other)))
    assert (halves[0] + halves[1]) / 2 == pytest.approx(scores, abs=1e-6)
    assert scores[1].tolist() == PAIR.compare_templates(pack(one[1]), [pack(each) for each in other]).tolist()


@settings(deadline=None, database=None)
@given(st.integers(0, 99), st.integers(1, 6), st.integers(1, 40), st.sampled_from([1, 3, 9]))
def test_the_pairs_approximate_scores_keep_their_bound(seed: int, probes: int, references: int, power: int) -> None:
    """Sums of products fit 16 bits also with 256 numbers, so no approximate score exceeds the error bound."""
    one = PAIR.stack([pack(joined(*unit(2, seed + 10 * k, power))) for k in range(probes)])
    vectors = [joined(*unit(2, seed + 100 + k, power)) for k in range(references)]
    other = PAIR.stack([pack(each) for each in [*vectors, *one.vectors, *-one.vectors]])
    off = np.abs(PAIR.screen(one, other) - PAIR.compare(one, other))
    assert off.max() <= PAIR.screening_error(one, other)


def test_a_search_of_the_pair_compares_few_extra_references() -> None:
    """Vectors as the networks make them have an error within 0.025, though they have twice as many numbers."""
    assert 0.015 < coded(of_both(1000, 1)).error < 0.025


def test_no_product_of_codes_exceeds_16_bits() -> None:
    """Also of vectors, or halves, as long as their tolerance permits, if rounding adds a half to each number."""
    for longest in (SCALE, PAIR_SCALE / np.sqrt(2)):
        assert (longest * (1 + NORM_TOLERANCE) + np.sqrt(128) / 2) ** 2 < 2**15


def test_sface_compares_its_part_of_a_pairs_template() -> None:
    """A template of the pair, relabelled as the table of pairs of models permits, scores as SFace's own would."""
    probes, references = of_both(2, 1), unit(20, 7)
    own = np.sqrt(np.float32(2)) * probes[:, :128]
    mixed = [pack(probes[0]).of_model(MODEL_ID), pack(own[1])]
    expected = COMPARATOR.compare(stack(own), stack(references))
    assert expected == pytest.approx(COMPARATOR.compare(COMPARATOR.stack(mixed), stack(references)), abs=1e-6)
    alone = COMPARATOR.compare_templates(mixed[0], [pack(each) for each in references])
    assert expected[0] == pytest.approx(alone, abs=1e-6)


def test_the_pair_takes_no_other_templates() -> None:
    """SFace's template is none of the pair, and relabelled it has the wrong size."""
    template = pack(unit(1, 1)[0])
    with pytest.raises(TemplateModelMismatch):
        PAIR.stack([template])
    with pytest.raises(TemplateMalformed):
        PAIR.stack([template.of_model(PAIR.model_id)])


@pytest.mark.parametrize("share", [0.0, 0.49, 0.51, 1.0])
def test_both_halves_of_a_pairs_template_are_equally_long(share: float) -> None:
    """A template of which one network's part carries more of the length than the other's is refused by both models."""
    one, other = unit(2, 1)
    vector = np.concatenate([np.sqrt(share) * one, np.sqrt(1 - share) * other]).astype(np.float32)
    for comparator in (PAIR, COMPARATOR):
        with pytest.raises(TemplateMalformed):
            comparator.stack([pack(vector).of_model(comparator.model_id)])
