"""Dots per inch of what records state."""

from __future__ import annotations

import pytest

from formats.resolution import by_unit, per_cm


@pytest.mark.parametrize(
    ("dots", "expected"),
    [(196, 500), (197, 500), (196.9, 500), (198, 500), (393, 1000), (393.7, 1000), (394, 1000), (0, None), (200, 508)],
)
def test_rounded_500_and_1000(dots: float, expected: float | None) -> None:
    """What 500 and 1000 dpi may be rounded to is taken as that; all else is converted as it is."""
    assert expected == per_cm(dots)


@pytest.mark.parametrize("dots", [195, 199, 392, 395])
def test_neighbours_of_rounded_numbers(dots: float) -> None:
    """A number that is no rounded 500 or 1000 is another resolution."""
    assert dots * 2.54 == per_cm(dots)


@pytest.mark.parametrize(
    ("unit", "across", "down", "expected"),
    [
        (1, 500, 498, (500.0, 498.0)),
        (1, 500, 0, (500.0, 500.0)),
        (2, 197, 0, (500.0, 500.0)),
        (2, 197, 394, (500.0, 1000.0)),
        (1, 0, 500, None),
        (2, 0, 197, None),
        (0, 1, 1, None),
        (3, 500, 500, None),
    ],
)
def test_units(unit: int, across: float, down: float, expected: tuple[float, float] | None) -> None:
    """1 is per inch, 2 per centimetre; other units, and 0 across, state no resolution."""
    assert expected == by_unit(unit, across, down)
