"""Drawing two fingerprints with their paired minutiae."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from infra.images.decode import Image
from services.extraction import Extraction
from services.fingerprint.comparison.explanation import Pairs
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.drawing.pair_drawing import _colour, draw_pair
from services.fingerprint.drawing.panel import MARGIN_PX, lay_out

Extractions = list[Extraction[FingerprintDetails]]


def pairs_of(probe: list[int], reference: list[int]) -> Pairs:
    """Pairs of these rows with full weight."""
    return Pairs(np.array(probe, np.int64), np.array(reference, np.int64), np.ones(len(probe)))


def colours_near(drawing: np.ndarray, point: np.ndarray, reach: int = 12) -> set[tuple[int, ...]]:
    """Colours around a position of a drawing."""
    x, y = np.rint(point).astype(int)
    patch = drawing[max(y - reach, 0) : y + reach, max(x - reach, 0) : x + reach]
    return {tuple(int(value) for value in pixel) for pixel in patch.reshape(-1, 3)}


def test_paired_minutiae_have_one_colour_on_both_sides(fingers: list[Image], extractions: Extractions) -> None:
    """Each pair is drawn in its colour in both prints, and nowhere else."""
    images, found = (fingers[0], fingers[1]), (extractions[0], extractions[1])
    pairs = pairs_of([20, 5, 11], [3, 17, 30])

    drawing = draw_pair(images, found, pairs)

    _, (first, second) = lay_out(images, found)
    for number, (row, other) in enumerate([(5, 17), (11, 30), (20, 3)]):
        assert _colour(number) in colours_near(drawing, first.points[row])
        assert _colour(number) in colours_near(drawing, second.points[other])
        assert _colour(number) not in colours_near(drawing, second.points[0])


def test_points_are_drawn_at_their_positions_in_the_image(fingers: list[Image], extractions: Extractions) -> None:
    """The drawing at a minutia's position has the grey values around its position in the image."""
    images, found = (fingers[0], fingers[1]), (extractions[0], extractions[1])
    _, panels = lay_out(images, found)
    for panel, image in zip(panels, images, strict=True):
        picture = panel.picture()[..., 0].astype(float)
        x, y = (panel.points - panel.corner).T
        shown = cv2.remap(picture, x[None].astype(np.float32), y[None].astype(np.float32), cv2.INTER_LINEAR)[0]
        there = image.gray[panel.minutiae.y.astype(int), panel.minutiae.x.astype(int)]
        assert np.corrcoef(shown, there)[0, 1] > 0.99


def test_both_prints_have_one_scale_whatever_their_resolution(fingers: list[Image], extractor: object) -> None:
    """A print of twice the resolution is drawn as large as the same print at 500 dpi."""
    gray = cv2.resize(fingers[0].gray, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    images = (fingers[0], Image(np.asarray(gray, np.uint8), 1000.0))
    found = tuple(extractor.extract(image, "UNKNOWN") for image in images)

    canvas, panels = lay_out(images, found)

    assert panels[0].zoom == panels[1].zoom
    assert np.abs(np.subtract(panels[0].size, panels[1].size)).max() <= 2 * 16 * panels[0].zoom
    assert 1000 == pytest.approx(len(canvas), abs=1)


def test_a_comparison_without_pairs_is_drawn_too(fingers: list[Image], extractions: Extractions) -> None:
    """All minutiae are grey, and the images are unchanged."""
    before = fingers[0].pixels.copy()
    drawing = draw_pair((fingers[0], fingers[2]), (extractions[0], extractions[2]), pairs_of([], []))
    coloured = drawing.max(axis=2).astype(int) - drawing.min(axis=2) > 80
    assert not coloured[MARGIN_PX:-MARGIN_PX].any()
    assert before.tolist() == fingers[0].pixels.tolist()
