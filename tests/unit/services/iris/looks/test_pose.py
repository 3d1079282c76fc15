"""An eye is rotated upright if its image shows which way up it is."""

from __future__ import annotations

import numpy as np
import pytest
from biofusion.type.v1 import sample_pb2

from biometrics.quality import QualityReason
from biometrics.template import Position
from infra.images.decode import Image
from rendering.eyes import RenderedEye, render, render_eye
from services.extraction import Extraction
from services.iris.convert import details_to_wire
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from services.iris.localisation.gaze import View
from services.iris.looks.pose import circle_turned_back, points_turned_back, view_turned_back
from services.iris.segmentation.circles import Circle
from tests.unit.services.iris.conftest import IDENTITIES

QUARTERS = (1, 2, 3)
Extractions = dict[tuple[int, int], Extraction[IrisDetails]]


def turned(pixels: np.ndarray, quarters: int) -> Image:
    """The image rotated counter-clockwise."""
    return Image(np.ascontiguousarray(np.rot90(pixels, quarters)))


@pytest.mark.parametrize("quarters", QUARTERS)
@pytest.mark.parametrize("identity", IDENTITIES)
def test_a_turned_eye_has_the_template_of_the_upright_one(
    extractor: IrisExtractor, extractions: Extractions, identity: int, quarters: int
) -> None:
    """Upside down or on its side, it is rotated first, which quality and details report."""
    extraction = extractor.extract(turned(render_eye(identity, 0), quarters), Position.UNKNOWN)

    assert extractions[identity, 0].template == extraction.template
    assert QualityReason.TURNED in extraction.quality.reasons
    assert (360 - 90 * quarters) == extraction.details.turned_degrees
    assert (360 - 90 * quarters) == details_to_wire(extraction.details).turned_degrees


def test_presentation_attacks_are_not_assessed(extractions: Extractions) -> None:
    """The response says of every eye that no check was made."""
    assert {sample_pb2.PRESENTATION_ATTACK_NOT_ASSESSED} == {
        details_to_wire(each.details).presentation_attack for each in extractions.values()
    }


def test_an_upright_eye_is_not_turned(extractions: Extractions) -> None:
    """No rotation is reported."""
    for extraction in extractions.values():
        assert QualityReason.TURNED not in extraction.quality.reasons
        assert 0 == extraction.details.turned_degrees


@pytest.mark.parametrize("quarters", QUARTERS)
@pytest.mark.parametrize("size", [(640, 480), (320, 280), (1280, 960)])
def test_circles_are_reported_in_the_image_sent(extractor: IrisExtractor, quarters: int, size: tuple[int, int]) -> None:
    """After rotation the pupil is reported where it was drawn, within 2 px in 640×480 px."""
    eye = render(1, 0, *size)
    there = pupil_in_turned(eye, quarters)

    pupil = extractor.extract(turned(eye.image, quarters), Position.UNKNOWN).details.pupil

    tolerance = 2.0 * max(1.0, size[0] / 640)
    assert pytest.approx(there, abs=tolerance) == (pupil.x, pupil.y)


def pupil_in_turned(eye: RenderedEye, quarters: int) -> tuple[float, float]:
    """The pupil's centre after rotation, looked up in rotated grids of coordinates."""
    ys, xs = (np.rot90(each, quarters) for each in np.indices(eye.image.shape))
    row, column = np.unravel_index(np.argmin(np.hypot(xs - eye.pupil.x, ys - eye.pupil.y)), xs.shape)
    return float(column), float(row)


@pytest.mark.parametrize("quarters", QUARTERS)
def test_visibility_rotates_with_the_image(extractor: IrisExtractor, extractions: Extractions, quarters: int) -> None:
    """Column 0 of the sheet is at the right of the image sent."""
    upright = extractions[2, 0].details

    details = extractor.extract(turned(render_eye(2, 0), quarters), Position.UNKNOWN).details

    assert np.array_equal(np.roll(upright.visible, -128 * quarters, axis=1), details.visible)


@pytest.mark.parametrize("quarters", [0, *QUARTERS])
def test_points_circles_and_views_are_turned_back(quarters: int) -> None:
    """Coordinates in the rotated image are converted into those before rotation, and directions too."""
    before = np.arange(6 * 4).reshape(4, 6)
    after = np.rot90(before, quarters)
    for row in range(after.shape[0]):
        for column in range(after.shape[1]):
            ((x, y),) = points_turned_back(np.array([[column, row]], np.float32), quarters, after.shape)
            assert after[row, column] == before[int(y), int(x)]

    circle = circle_turned_back(Circle(1.0, 2.0, 3.0), quarters, after.shape)
    view = view_turned_back(View(1.0, 2.0, 30.0, 0.8), quarters, after.shape)

    assert (circle.x, circle.y, 3.0) == (view.x, view.y, circle.radius)
    assert ((30 + 90 * quarters) % 180, 0.8) == (view.angle, view.roundness)
