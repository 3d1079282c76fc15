"""What is shown of a comparison of two irises is what its score is made of."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from biometrics.template import Modality, Template
from services.iris.comparator import IrisComparator, IrisStack
from services.iris.comparison.moved_sectors import DRIFT
from services.iris.comparison.rotations import evidence
from services.iris.template.features import IrisCode, pack
from tests.unit.services.iris.codes import noisy, random_stack, smooth_stack, turned

COMPARATOR = IrisComparator()


def template(stack: IrisStack) -> Template:
    """The first code of a stack."""
    return Template(Modality.IRIS, COMPARATOR.model_id, pack(IrisCode(stack.codes[0], stack.masks[0])))


def bits(png: bytes) -> NDArray[np.bool_]:
    """Pixels of a picture of one bit, bool (64, 256)."""
    found = np.asarray(Image.open(io.BytesIO(png)))
    assert (64, 256) == found.shape
    return found


@pytest.mark.parametrize("turn", [-7, 0, 4])
def test_the_shown_bits_give_the_score(turn: int) -> None:
    """Counted in the pictures, compared and differing bits at the shown rotation have the evidence: the score."""
    eye = smooth_stack(1, 1)
    masked = random_stack(2, 1, valid=0.7).masks
    reference = noisy(IrisStack(eye.codes & masked, masked, eye.short), 0.15, seed=3)
    probe = turned(eye, turn)
    explained = COMPARATOR.explain(template(probe), template(reference))
    found: Any = explained.findings
    compared, differing = int(bits(found.compared_png).sum()), int(bits(found.differing_png).sum())
    assert turn * 360 / 256 == found.rotation_degrees
    assert (compared, differing) == (found.compared_count, found.differing_count)
    assert (compared / 16_384, differing / compared) == (found.compared_fraction, found.differing_fraction)
    assert np.float32(evidence(differing, compared, turn, 0.0)) == explained.score
    assert COMPARATOR.compare_templates(template(probe), [template(reference)])[0] == explained.score
    assert explained.score == pytest.approx(sum(value for _, value in explained.terms), abs=1e-5)


def test_bits_of_moved_sectors_give_the_score() -> None:
    """If sectors are moved, the pictures show the bits as they were compared, and these have the evidence."""
    eye = smooth_stack(1, 1)
    code = eye.codes.copy()
    code[0, 40:90] = np.roll(code, 2, axis=1)[0, 40:90]
    code[0, 130:190] <<= np.uint64(4)
    masks = random_stack(2, 1, valid=0.7).masks
    reference = noisy(turned(IrisStack(code & masks, masks, eye.short), 3), 0.25, seed=3)
    explained = COMPARATOR.explain(template(eye), template(reference))
    found: Any = explained.findings
    compared, differing = int(bits(found.compared_png).sum()), int(bits(found.differing_png).sum())
    assert (compared, differing) == (found.compared_count, found.differing_count)
    turn = round(found.rotation_degrees * 256 / 360)
    assert np.float32(evidence(differing, compared, turn, DRIFT)) == explained.score
    assert COMPARATOR.compare_templates(template(eye), [template(reference)])[0] == explained.score


def test_pictures_lie_over_each_other() -> None:
    """What was compared is what both masks show, and no bit differs outside of it; a ring has four rows."""
    one, other = random_stack(5, 1, valid=0.8), random_stack(6, 1, valid=0.6)
    found: Any = COMPARATOR.explain(template(one), template(other)).findings
    probe, reference = bits(found.probe_mask_png), bits(found.reference_mask_png)
    compared = bits(found.compared_png)
    assert (compared == (probe & reference)).all()
    assert not (bits(found.differing_png) & ~compared).any()
    by_column = np.unpackbits(other.masks[0].view(np.uint8).reshape(256, 8), axis=1, bitorder="little")
    assert (reference == by_column.T).all()


def test_codes_without_common_bits_show_nothing() -> None:
    """Nothing compared, nothing differs, and the score is that of no evidence."""
    half = np.where(np.arange(256) < 128, ~np.uint64(0), np.uint64(0))
    masks = (half, np.roll(np.where(np.arange(256) < 60, ~np.uint64(0), np.uint64(0)), 160))
    one, other = (
        Template(Modality.IRIS, COMPARATOR.model_id, pack(IrisCode(each & np.uint64(0), each))) for each in masks
    )
    explained = COMPARATOR.explain(one, other)
    found: Any = explained.findings
    assert (0, 0, 0.0, 0.0) == (found.compared_count, found.differing_count, found.differing_fraction, explained.score)
