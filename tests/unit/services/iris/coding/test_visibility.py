from __future__ import annotations

import numpy as np
import pytest

from services.iris.coding.rubber_sheet import COLUMNS, ROWS, RubberSheet
from services.iris.coding.visibility import visible
from services.iris.segmentation.network import HEIGHT, WIDTH, Frame, Segmentation

BEGIN, END = 100, 140
"""Columns of a patch of stripes, in rows 20 to 40 of the sheet."""


def sheet() -> RubberSheet:
    """An iris of fine noise, with stripes of 3.5 times its contrast in a patch; it lies over the whole picture."""
    values = 120 + np.random.default_rng(1).normal(0, 10, (ROWS, COLUMNS))
    values[20:40, BEGIN:END] = 120 + 35 * np.where(np.arange(END - BEGIN) // 2 % 2, 1, -1)
    ys, xs = np.mgrid[:ROWS, :COLUMNS].astype(np.float32)
    placed = xs * (WIDTH - 1) / (COLUMNS - 1), ys * (HEIGHT - 1) / (ROWS - 1)
    return RubberSheet(values.astype(np.float32), *placed, np.ones((ROWS, COLUMNS), np.bool_))


def segmentation(*, noise: float, opening: float) -> Segmentation:
    """Everywhere the same probabilities of noise and of the eye's opening."""
    ones = np.ones((HEIGHT, WIDTH), np.float32)
    return Segmentation(
        ones, ones, opening * ones, noise * ones, Frame.of(WIDTH, HEIGHT), np.zeros((HEIGHT, WIDTH), np.uint8)
    )


@pytest.mark.parametrize(("noise", "opening"), [(0.1, 1.0), (0.0, 0.9)])
def test_much_contrast_near_lids_and_lashes_is_masked(noise: float, opening: float) -> None:
    """Where lashes or a lid may be, a patch of much more contrast than the rest of the iris is not visible."""
    shown = visible(sheet(), segmentation(noise=noise, opening=opening))

    assert not shown[22:38, BEGIN + 4 : END - 4].any()
    assert shown[:, 200:].mean() > 0.95


def test_texture_elsewhere_is_visible() -> None:
    """Where the network is certain of the iris, the same patch is texture."""
    shown = visible(sheet(), segmentation(noise=0.0, opening=1.0))

    assert shown[22:38, BEGIN + 4 : END - 4].mean() > 0.95


def test_what_the_network_hides_is_not_visible() -> None:
    """Behind lids and among lashes nothing is visible."""
    assert not visible(sheet(), segmentation(noise=0.5, opening=1.0)).any()
    assert not visible(sheet(), segmentation(noise=0.0, opening=0.4)).any()
