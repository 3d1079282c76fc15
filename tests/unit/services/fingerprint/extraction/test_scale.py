"""Choice of the resolution from the stated one and from synthetic ridges."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from biometrics.resolution import Resolution, ResolutionSource
from infra.images.decode import Image
from services.fingerprint.extraction.resolution import ASSUMED
from services.fingerprint.extraction.scale import judge, read
from services.fingerprint.extraction.segmentation import find_finger
from tests.unit.services.fingerprint.areas import finger_area, rings

ESTIMATED, FILE = ResolutionSource.ESTIMATED, ResolutionSource.FILE


def _judged(period_px: float, told: Resolution = ASSUMED, aspect: float = 1.0) -> tuple[float, ResolutionSource, bool]:
    area = replace(finger_area(), period_px=period_px, aspect=aspect)
    resolution, is_doubtful = judge(told, area)
    return round(resolution.mean_dpi), resolution.source, is_doubtful


def _filed(horizontal: float, vertical: float | None = None) -> Resolution:
    return Resolution(horizontal, vertical or horizontal, FILE)


@pytest.mark.parametrize(
    ("period_px", "expected"),
    [
        (8.8, (500, ResolutionSource.ASSUMED, False)),
        (7.7, (500, ResolutionSource.ASSUMED, False)),
        (10.1, (500, ResolutionSource.ASSUMED, False)),
        (7.2, (463, ESTIMATED, False)),
        (10.6, (540, ESTIMATED, False)),
        (6.7, (463, ESTIMATED, True)),
        (6.5, (369, ESTIMATED, True)),
        (11.8, (540, ESTIMATED, True)),
        (4.4, (250, ESTIMATED, False)),
        (17.6, (1000, ESTIMATED, False)),
        (13.2, (750, ESTIMATED, True)),
        (5.3, (301, ESTIMATED, True)),
        (0.0, (500, ResolutionSource.ASSUMED, False)),
    ],
)
def test_ridges_determine_an_unstated_resolution(
    period_px: float, expected: tuple[float, ResolutionSource, bool]
) -> None:
    """Usual ridges stay at 500 dpi; others are corrected by 8 %, or read by their period."""
    assert expected == _judged(period_px)


@pytest.mark.parametrize(
    ("told", "period_px", "expected"),
    [
        (_filed(500), 5.4, (500, FILE, True)),
        (_filed(500), 6.5, (500, FILE, True)),
        (_filed(500), 7.0, (500, FILE, False)),
        (_filed(500), 11.2, (500, FILE, False)),
        (_filed(500), 12.9, (500, FILE, True)),
        (_filed(250), 6.5, (250, FILE, True)),
        (Resolution(500, 500, ResolutionSource.STATED), 6.5, (500, ResolutionSource.STATED, True)),
        (_filed(569), 7.0, (569, FILE, False)),
        (_filed(400), 8.8, (400, FILE, False)),
        (_filed(400), 11.0, (500, ESTIMATED, True)),
        (_filed(600), 8.8, (600, FILE, False)),
        (_filed(600), 7.3, (500, ESTIMATED, True)),
        (_filed(1000), 7.0, (1000, FILE, False)),
        (_filed(1000), 4.4, (500, ESTIMATED, True)),
        (_filed(250), 17.6, (500, ESTIMATED, True)),
        (_filed(500), 17.6, (1000, ESTIMATED, True)),
        (Resolution(600, 600, ResolutionSource.STATED), 7.3, (500, ESTIMATED, True)),
    ],
)
def test_a_stated_resolution_is_used_unless_ridges_contradict_it(
    told: Resolution, period_px: float, expected: tuple[float, ResolutionSource, bool]
) -> None:
    """One that 500 dpi explains better is not used and is doubtful; so are ridges unusual for an adult."""
    assert expected == _judged(period_px, told)


def test_small_prints_of_other_resolutions_have_wider_limits() -> None:
    """Under 100 mm² and away from 500 dpi the period is less certain: 6.5 px is doubtful at 500 dpi, not at 250."""
    small = replace(finger_area(cells=100), period_px=6.5)
    assert (False, True) == (judge(_filed(250), small)[1], judge(_filed(500), small)[1])
    assert judge(_filed(250), replace(small, period_px=5.4))[1]


def test_non_square_pixels_show_in_the_ridges() -> None:
    """500 × 1000 dpi is believed if ridges then are equal in both directions; other unequal ridges are doubtful."""
    assert (707, FILE, False) == _judged(8.8, _filed(500, 1000), aspect=1.0)
    assert (500, ESTIMATED, True) == _judged(6.2, _filed(500, 1000), aspect=2.0)
    for told in (ASSUMED, _filed(500)):
        assert (True, True) == (_judged(9.0, told, aspect=0.5)[2], _judged(9.0, told, aspect=1.9)[2])


@pytest.mark.parametrize(("across", "down"), [(1, 1), (1, 2), (2, 1)])
def test_the_aspect_is_measured(across: int, down: int) -> None:
    """Rings stretched in one direction have longer periods in it."""
    drawn = rings(320, 320, 8.0, (160.0, 160.0)).astype(np.uint8).repeat(across, axis=1).repeat(down, axis=0)
    assert across / down == pytest.approx(find_finger(drawn).aspect, rel=0.25)


@pytest.mark.parametrize(("period_px", "dpi"), [(17.6, 1000.0), (4.5, 250.0), (9.0, 500.0)])
def test_an_image_is_read_at_the_resolution_of_its_ridges(period_px: float, dpi: float) -> None:
    """Rings of twice and of half a finger's period are scaled to about 8.8 px."""
    reading = read(Image(rings(360, 360, period_px).astype(np.uint8)))
    assert (dpi, False) == (reading.resolution.horizontal_dpi, reading.is_doubtful)
    assert (round(360 * 500 / dpi),) * 2 == reading.gray.shape
    assert 8.8 == pytest.approx(reading.area.period_px, rel=0.1)


def test_an_image_without_ridges_is_read_at_500_dpi() -> None:
    """A blank image gives no information on its scale."""
    reading = read(Image(np.full((320, 320), 200, np.uint8)))
    assert (ASSUMED, False) == (reading.resolution, reading.is_doubtful)


def test_ridges_that_are_gone_at_their_own_scale_are_doubtful() -> None:
    """Noise with a few waves of an odd width, which are none once it is resized, is read in doubt and not an error."""
    noise = np.random.default_rng(10).integers(0, 256, (32, 32)).astype(np.uint8)
    noise = np.asarray(cv2.resize(noise, (192, 192), interpolation=cv2.INTER_CUBIC), np.uint8)
    reading = read(Image(noise, 500.0))
    assert (True, 0.0) == (reading.is_doubtful, reading.area.period_px)
