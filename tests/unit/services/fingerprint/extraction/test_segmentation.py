"""Finding the finger area in synthetic ridges."""

from __future__ import annotations

import numpy as np

from services.fingerprint.extraction.segmentation import find_finger
from tests.unit.services.fingerprint.areas import rings


def test_the_mask_covers_the_ridges_and_nothing_else() -> None:
    """For a disc of ridges on white, the mask differs from the disc only in cells on its edge."""
    y, x = np.mgrid[:320, :320]
    disc = np.hypot(x - 160, y - 160) < 110
    area = find_finger(np.where(disc, rings(320, 320), 255).astype(np.uint8))
    cells = disc.reshape(20, 16, 20, 16).mean(axis=(1, 3))
    assert area.mask[cells == 1].all()
    assert not area.mask[3:17, 3:17][cells[3:17, 3:17] == 0].any()
    assert abs(int(area.mask.sum()) - cells.sum()) < 45


def test_a_hole_is_filled_and_a_second_smaller_area_is_left_out() -> None:
    """The mask is one connected area without holes."""
    picture = np.full((320, 480), 255.0)
    picture[32:288, 32:288] = rings(256, 256)
    picture[128:176, 128:176] = 255
    picture[96:176, 368:448] = rings(80, 80)
    area = find_finger(picture.astype(np.uint8))
    assert area.mask[3:17, 3:17].all()
    assert not area.mask[:, 22:].any()


def test_clarity_is_high_on_ridges_and_low_on_noise_and_edges() -> None:
    """Ridges have high clarity; white noise, a step edge and a blank do not."""
    noise = np.random.default_rng(0).integers(0, 256, (160, 160)).astype(np.uint8)
    edge = np.where(np.arange(160) < 80, 30, 220).astype(np.uint8)[None].repeat(160, axis=0)
    assert np.median(find_finger(rings(160, 160).astype(np.uint8)).clarity) > 0.8
    for picture in (noise, edge, np.full((160, 160), 99, np.uint8)):
        assert np.median(find_finger(picture).clarity) < 0.2


def test_contrast_is_the_ridges_standard_deviation() -> None:
    """A sine of amplitude 80 has a standard deviation of 57."""
    contrast = find_finger(rings(320, 320).astype(np.uint8)).contrast[3:-3, 3:-3]
    assert abs(np.median(contrast) - 80 / np.sqrt(2)) < 4


def test_sides_need_not_be_multiples_of_a_cell() -> None:
    """A partial cell at the right or lower edge counts as a cell."""
    assert (7, 8) == find_finger(rings(97, 113).astype(np.uint8)).mask.shape


def test_directions_lie_across_the_ridges() -> None:
    """Around a centre they point towards it: half the phase of the direction is the angle of the position."""
    area = find_finger(rings(320, 320, centre=(-400.0, -400.0)).astype(np.uint8))
    rows, columns = np.mgrid[3:17, 3:17] * 16 + 8
    expected = np.exp(2j * np.arctan2(rows + 400, columns + 400))
    assert np.abs(np.angle(area.direction[3:17, 3:17] / expected)).max() < 0.1


def test_the_mask_in_pixels() -> None:
    """Each cell is 16 × 16 px."""
    area = find_finger(rings(100, 120).astype(np.uint8))
    assert (112, 128) == area.pixels.shape
    assert area.mask.tolist() == area.pixels[::16, ::16].tolist()
