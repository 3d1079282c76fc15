"""Combining several iris templates of one eye."""

from __future__ import annotations

import numpy as np

from biometrics.template import Modality, Template
from services.iris.comparator import IrisComparator
from services.iris.template.features import IrisCode, pack, unpack
from studies.perturbed.iris_perturbations import noisy, perturbed
from studies.references.attempts import attempts, combined_attempts
from studies.references.combined_irises import combined
from studies.references.impression_kinds import IRISES
from tests.unit.services.iris.codes import smooth_stack

EYES = smooth_stack(1, 3)


def image(eye: int, seed: int, turn: int = 0) -> Template:
    """The template of an eye with a tenth of its bits flipped, rotated by `turn` columns."""
    iris = IrisCode(np.roll(EYES.codes[eye], turn), np.roll(EYES.masks[eye], turn))
    clean = Template(Modality.IRIS, IrisComparator.model_id, pack(iris))
    return perturbed(clean, (noisy(0.1),), seed)


def distance(template: Template, eye: int) -> float:
    """The share of valid bits that differ from the eye's."""
    iris = unpack(template.data)
    common = iris.mask & EYES.masks[eye]
    return float(np.bitwise_count((iris.code ^ EYES.codes[eye]) & common).sum() / np.bitwise_count(common).sum())


def test_three_images_outvote_their_noise() -> None:
    """Rotated images are aligned to the first, and their majority differs less from the eye than each of them."""
    images = [image(0, 1), image(0, 2, turn=5), image(0, 3, turn=-9)]
    assert distance(combined(images), 0) < 0.5 * distance(images[0], 0)


def test_bits_on_which_two_images_disagree_are_left_out() -> None:
    """Of two images, only equal bits stay valid."""
    one, other = image(0, 1), image(0, 2)
    codes = [unpack(each.data).code for each in (one, other)]
    merged = unpack(combined([one, other]).data)
    assert 0 == int(np.bitwise_count((codes[0] ^ codes[1]) & merged.mask).sum())


def test_one_image_is_itself() -> None:
    """A single image is returned unchanged."""
    assert image(0, 1).data == combined([image(0, 1)]).data


def test_combined_attempts_are_those_of_the_single_ones() -> None:
    """The same probes get one score each, and mates score higher than with one reference."""
    eyes = [[image(eye, 10 * eye + number) for number in range(4)] for eye in range(3)]
    single, merged = attempts(eyes, "as they are", 3, 3, IRISES), combined_attempts(eyes, "as they are", 3, 3, IRISES)
    assert (len(single.mated), 1) == merged.mated.shape
    assert (len(single.non_mated), 1) == merged.non_mated.shape
    assert merged.mated.mean() > single.mated.mean()
