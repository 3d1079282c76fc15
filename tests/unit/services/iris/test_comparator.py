from __future__ import annotations

import numpy as np
import pytest

from biometrics.errors import TemplateMalformed, TemplateModelMismatch
from biometrics.template import Modality, Template
from services.iris.comparator import MIN_BITS, ROTATIONS, TYPICAL_BITS, IrisComparator, IrisStack
from services.iris.features import BITS, IrisCode, pack

COMPARATOR = IrisComparator()


def random_stack(seed: int, count: int, valid: float = 1.0) -> IrisStack:
    """Codes of fair coins, of which a share is valid."""
    rng = np.random.default_rng(seed)
    bits = rng.random((2, count, 256, 64)) < np.array([0.5, valid])[:, None, None, None]
    code, mask = np.packbits(bits, axis=-1, bitorder="little").view(np.uint64)[..., 0]
    return IrisStack(code & mask, mask)


def turned(stack: IrisStack, columns: int) -> IrisStack:
    """The codes of eyes turned by some columns."""
    return IrisStack(np.roll(stack.codes, columns, axis=1), np.roll(stack.masks, columns, axis=1))


def reference_score(one: IrisStack, other: IrisStack) -> float:
    """The formula of the docstring, in plain numpy, for the first code of each stack."""
    best = 0.5
    found = []
    for shift in range(-ROTATIONS, ROTATIONS + 1):
        moved = turned(one, shift)
        common = moved.masks[0] & other.masks[0]
        compared = int(np.bitwise_count(common).sum())
        if compared >= MIN_BITS:
            differing = int(np.bitwise_count((moved.codes[0] ^ other.codes[0]) & common).sum())
            found.append(0.5 + (0.5 - differing / compared) * np.sqrt(compared / TYPICAL_BITS))
    return min(1.0, max(found, default=best))


def test_self_comparison_scores_one() -> None:
    """The same code with at least 7,000 valid bits scores 1."""
    stack = random_stack(1, 3)

    assert [1.0, 1.0, 1.0] == np.diag(COMPARATOR.compare(stack, stack)).tolist()


def test_random_codes_carry_no_information() -> None:
    """Unrelated codes score near 0.5, a little over it as the best rotation is kept."""
    scores = COMPARATOR.compare(random_stack(1, 30), random_stack(2, 30))

    assert 0.50 < scores.min()
    assert scores.max() < 0.54


@pytest.mark.parametrize("valid", [0.3, 0.6, 1.0])
def test_formula(valid: float) -> None:
    """The compiled kernel gives what the documented formula gives."""
    one, other = random_stack(3, 1, valid), random_stack(4, 1, valid)

    assert pytest.approx(reference_score(one, other), abs=1e-6) == COMPARATOR.compare(one, other)[0, 0]


def test_symmetric() -> None:
    """Probe and reference can be exchanged."""
    one, other = random_stack(1, 5, 0.7), random_stack(2, 4, 0.5)

    assert COMPARATOR.compare(one, other).T.tolist() == COMPARATOR.compare(other, one).tolist()


@pytest.mark.parametrize("columns", [-ROTATIONS, -3, 5, ROTATIONS])
def test_turned_code_matches(columns: int) -> None:
    """A code turned by up to 8 columns scores 1 against itself."""
    stack = random_stack(1, 1)

    assert 1.0 == COMPARATOR.compare(stack, turned(stack, columns))[0, 0]


def test_code_turned_too_far_does_not_match() -> None:
    """A code turned by 9 columns is beyond the rotations compared."""
    stack = random_stack(1, 1)

    assert COMPARATOR.compare(stack, turned(stack, ROTATIONS + 1))[0, 0] < 0.54


def test_masked_bits_are_ignored() -> None:
    """Bits that one side masks do not change the score."""
    stack, mask = random_stack(1, 1), random_stack(2, 1, 0.6).masks
    masked = IrisStack(stack.codes, mask)
    flipped = IrisStack(stack.codes ^ ~mask, mask)

    assert COMPARATOR.compare(masked, stack)[0, 0] == COMPARATOR.compare(flipped, stack)[0, 0]


def test_fewer_bits_prove_less() -> None:
    """The same agreement over fewer bits scores lower."""
    stack = random_stack(1, 1)
    few = IrisStack(stack.codes, random_stack(2, 1, 0.2).masks)

    score = COMPARATOR.compare(few, stack)[0, 0]

    assert 0.5 + 0.5 * np.sqrt(0.19 * BITS / TYPICAL_BITS) < score < 1.0


def test_too_little_overlap_is_no_information() -> None:
    """Codes that share fewer than 1,024 valid bits at every rotation score 0.5."""
    stack = random_stack(1, 1)
    masks = np.zeros((1, 256), np.uint64)
    masks[0, :15] = ~np.uint64(0)

    assert 0.5 == COMPARATOR.compare(IrisStack(stack.codes & masks, masks), stack)[0, 0]


def test_stack_keeps_order() -> None:
    """Templates are stacked in the order given."""
    codes = [IrisCode(*(part[0] for part in (s.codes, s.masks))) for s in (random_stack(n, 1) for n in (1, 2))]
    templates = [Template(Modality.IRIS, COMPARATOR.model_id, pack(code)) for code in codes]

    assert [c.code.tolist() for c in codes] == COMPARATOR.stack(templates).codes.tolist()


def test_empty_stacks() -> None:
    """Nothing compared with something is an empty table."""
    assert (0, 3) == COMPARATOR.compare(COMPARATOR.stack([]), random_stack(1, 3)).shape


def test_other_model_is_refused() -> None:
    """A template of another model is not compared."""
    with pytest.raises(TemplateModelMismatch):
        COMPARATOR.stack([Template(Modality.IRIS, "iris-other-1", b"x")])


def test_other_modality_is_refused() -> None:
    """A face template is not an iris template."""
    with pytest.raises(TemplateMalformed):
        COMPARATOR.stack([Template(Modality.FACE, COMPARATOR.model_id, b"x")])
