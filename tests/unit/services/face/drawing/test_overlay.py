"""Drawing of detected faces."""

from __future__ import annotations

import numpy as np

from biometrics.template import Position
from infra.images.decode import Image
from services.face.drawing.overlay import draw
from services.face.extractor import FaceExtractor


def test_overlay_marks_the_chosen_face(face_extractor: FaceExtractor, hopper: Image) -> None:
    """The drawing keeps the size, is green on the box's edge, and unchanged far from the face."""
    details = face_extractor.extract(hopper, Position.FACE).details
    picture = draw(hopper, details)
    left, top, _, height = details.face.box
    assert hopper.rgb.shape == picture.shape
    assert [0, 230, 80] == picture[int(top + height / 2), int(left)].tolist()
    assert np.array_equal(hopper.rgb[500:], picture[500:])


def test_overlay_draws_over_a_grey_image(face_extractor: FaceExtractor, hopper: Image) -> None:
    """The drawing on a grey image is in colour."""
    grey = Image(hopper.gray)
    picture = draw(grey, face_extractor.extract(grey, Position.FACE).details)
    assert np.any(picture[:, :, 0] != picture[:, :, 1])
