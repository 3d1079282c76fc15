from __future__ import annotations

import pytest

from biometrics.exact_numbers import exact


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, "1"),
        (1.0, "1"),
        (-1, "-1"),
        (0.0, "0"),
        (1_000_000, "1000000"),
        (2**31 - 1, "2147483647"),
        (0.5, "0.5"),
        (1e-9, "1e-9"),
        (1.5e-9, "1.5e-9"),
        (1 - 1e-9, "0.999999999"),
        (1e30, "1e30"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_exact(number: float, shown: str) -> None:
    """A number is shown without rounding, zeros or signs that say nothing."""
    assert shown == exact(number)


@pytest.mark.parametrize("number", [0.1 + 0.2, 1 / 3, 1e-9 / 3, 1e15 + 0.5, 123456789.125])
def test_nothing_is_lost(number: float) -> None:
    """What is shown reads back as the same number."""
    assert number == float(exact(number))
