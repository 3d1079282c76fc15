"""Pressing prints otherwise, and counting their errors."""

from __future__ import annotations

import numpy as np
import pytest

from infra.images.decode import Image
from services.fingerprint.extraction.scale import read
from studies.capture.pressed import PRESSES, pressed, rates, told
from tests.unit.services.fingerprint.areas import arched_finger
from tests.unit.studies.capture.test_small_prints import template_of


@pytest.mark.parametrize("name", PRESSES)
def test_a_print_is_pressed_by_its_seed(name: str) -> None:
    """Equal seeds press a print equally, others otherwise, and its size stays."""
    reading = read(Image(arched_finger(), 500.0))
    one, same, other = (pressed(reading, PRESSES[name], seed) for seed in ("a", "a", "b"))
    assert reading.gray.shape == one.shape
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, reading.gray)


def test_a_refused_print_fails_its_mated_comparisons() -> None:
    """Prints are compared with the others of their fingers only; one without a template fails with all of them."""
    fingers = [("a", "1")] * 3 + [("b", "1")] * 3
    templates = [template_of(seed) for seed in (1, 1, 1, 2, 2, 2)]
    right = rates(fingers, templates, templates)
    one_less = rates(fingers, [*templates[:5], None], templates)
    assert 0 == right[0] < one_less[0]
    assert np.isnan(right[1:]).all()
    assert "EER 0.00 %, FNMR at FMR 1e-2, 1e-3: –, – %" == told(right)
