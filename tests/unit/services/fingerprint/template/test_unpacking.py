"""Unpacking many templates gives the results of `features.unpack` one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from biometrics.errors import TemplateMalformed
from biometrics.packed_templates import PackedTemplates
from services.fingerprint.template.features import MAX_SIDE_PX, FingerFeatures, mask_shape, pack, unpack
from services.fingerprint.template.unpacking import Unpacked, checked, unpack_all
from tests.unit.services.fingerprint.minutiae import random_minutiae


def template(seed: int, count: int, width: int = 401, height: int = 417, *, signed: bool = True) -> bytes:
    """A template with a random mask."""
    mask = np.random.default_rng(seed).random(mask_shape(width, height)) < 0.7
    minutiae = random_minutiae(seed, count)
    return pack(FingerFeatures(width, height, mask, minutiae if signed else replace(minutiae, signs=None)))


def refusal(data: bytes) -> str:
    """The error message of `unpack` for a template; empty if it is valid."""
    try:
        unpack(data)
    except TemplateMalformed as error:
        return error.message
    return ""


def unpacked(templates: list[bytes]) -> Unpacked:
    """Checked and unpacked."""
    found: Unpacked = unpack_all(checked(PackedTemplates.of(templates)))
    return found


def test_templates_are_unpacked_as_one_by_one() -> None:
    """Prints of 0–60 minutiae, with and without signs, have the values of `unpack`, lowest minutia first."""
    templates = [
        template(1, 40),
        template(2, 0),
        template(5, 25, signed=False),
        template(3, 1, 400, 400),
        template(6, 0, signed=False),
        template(4, 60, MAX_SIDE_PX, 333),
    ]
    packed = checked(PackedTemplates.of(templates))
    together = unpack_all(packed)
    for k, features in enumerate(map(unpack, templates)):
        rows = slice(packed.starts[k], packed.starts[k + 1])
        cells = slice(together.mask_starts[k], together.mask_starts[k + 1])
        found = features.minutiae
        expected = np.column_stack([found.x, -found.y, found.angle, found.confidence])[::-1]
        assert expected.tolist() == np.column_stack([together.minutiae[rows], together.confidence[rows]]).tolist()
        signs = np.zeros(len(found), np.uint32) if found.signs is None else found.signs[::-1]
        assert signs.tolist() == together.signs[rows].tolist()
        assert features.mask.tolist() == together.masks[cells].reshape(-1, together.mask_columns[k]).tolist()
    assert b"".join(templates) == packed.data.tobytes()
    assert np.cumsum([0, *map(len, templates)]).tolist() == packed.data_starts.tolist()


def test_no_templates_give_empty_arrays() -> None:
    """An empty list gives empty arrays."""
    nothing = unpacked([])
    assert ((0, 3), [], [0]) == (nothing.minutiae.shape, nothing.masks.tolist(), nothing.mask_starts.tolist())


@pytest.mark.parametrize(("seed", "signed"), [(0, False), (1, True)])
def test_both_functions_refuse_the_same_templates(*, seed: int, signed: bool) -> None:
    """Of 300 templates with changed, removed or added bytes the same are refused, with the same messages."""
    random, sound = np.random.default_rng(seed), template(seed, 5, 400, 400 + seed, signed=signed)
    refused = 0
    for _ in range(300):
        damaged = bytearray(sound)
        place = int(random.integers(len(damaged) if random.random() < 0.5 else 12))
        damaged[place] = int(random.integers(256))
        length = int(random.choice([len(damaged), len(damaged), len(damaged) - 1, 5, 0]))
        data = bytes(damaged[:length]) + bytes(int(random.choice([0, 0, 0, 1])))
        if message := refusal(data):
            refused += 1
            with pytest.raises(TemplateMalformed) as error:
                checked(PackedTemplates.of([sound, data, sound]))
            assert message == error.value.message
        else:
            checked(PackedTemplates.of([sound, data, sound]))
    assert 100 < refused < 300
