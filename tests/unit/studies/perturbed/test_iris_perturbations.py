"""Perturbed iris templates."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.template import Modality, Template
from services.iris.comparator import IrisComparator
from services.iris.template.features import IrisCode, pack, unpack
from studies.perturbed.iris_perturbations import hidden, noisy, perturbed
from tests.unit.services.iris.codes import random_stack

ALL_VALID = random_stack(1, 1)
IRIS = IrisCode(ALL_VALID.codes[0], ALL_VALID.masks[0])
TEMPLATE = Template(Modality.IRIS, IrisComparator.model_id, pack(IRIS))


def test_a_hidden_sector_is_one_piece_of_the_circle() -> None:
    """A share of 0.4 masks 102 of 256 columns, next to each other, and sets their bits to 0."""
    changed = unpack(perturbed(TEMPLATE, (hidden(0.4),), 3).data)
    gone = changed.mask == 0

    assert 102 == gone.sum()
    assert 1 == (gone & ~np.roll(gone, 1)).sum()
    assert 0 == changed.code[gone].sum()


def test_an_iris_is_never_hidden_altogether() -> None:
    """Where nothing else would stay visible the iris is not changed."""
    assert IRIS == hidden(1.0)(IRIS, np.random.default_rng(1))


def test_noise_flips_a_share_of_the_valid_bits() -> None:
    """A share of 0.25 flips a quarter of all bits and changes no mask."""
    changed = unpack(perturbed(TEMPLATE, (noisy(0.25),), 3).data)

    assert pytest.approx(0.25, abs=0.02) == np.bitwise_count(changed.code ^ IRIS.code).sum() / 16384
    assert IRIS.mask.tolist() == changed.mask.tolist()


def test_the_same_seed_makes_the_same_iris() -> None:
    """Equal seeds give equal irises, another seed another one."""
    one, same, other = (perturbed(TEMPLATE, (hidden(0.4), noisy(0.1)), seed) for seed in (1, 1, 2))

    assert one == same
    assert one != other
