"""Which of several faces is described, and when the image is doubtful or refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed
from biometrics.quality import QualityReason
from biometrics.template import Position
from infra.images.decode import Image
from services.extraction import Extraction
from services.face.comparator import FaceComparator
from services.face.detection.choice import choose, second_share
from services.face.extractor import FaceExtractor
from services.face.template.faces import Face, FaceDetails, Pose

FRAME = (600, 600)
SEVERAL = (QualityReason.SEVERAL_FACES,)


def face(x: float, y: float, side: float) -> Face:
    """A square face around a centre."""
    return Face((x - side / 2, y - side / 2, side, side), ((0.0, 0.0),) * 5, 0.9, Pose(0, 0, 0))


def scene(*people: tuple[Image, int, int, float], size: tuple[int, int] = (800, 1400)) -> Image:
    """A grey image with pictures pasted on it: each with its left and upper edge and its enlargement."""
    canvas = np.full((*size, 3), 120, np.uint8)
    for image, left, top, factor in people:
        kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        small = cv2.resize(image.rgb, None, fx=factor, fy=factor, interpolation=kind)
        canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return Image(canvas)


def similarity(found: Extraction[FaceDetails], other: Extraction[FaceDetails]) -> float:
    """The score of two templates."""
    comparator = FaceComparator()
    stacks = [comparator.stack([each.template]) for each in (found, other)]
    return float(comparator.compare(*stacks)[0, 0])


@pytest.fixture(scope="module")
def head(astronaut: Image) -> Image:
    """The astronaut's head and shoulders: a face of 91 px."""
    return Image(astronaut.rgb[:300, 90:360])


def test_the_largest_is_chosen() -> None:
    """A larger face at the edge wins over a smaller one in the middle, whatever their order."""
    assert 1 == choose([face(300, 300, 137), face(120, 120, 224)], FRAME)
    assert 0 == choose([face(120, 120, 224), face(300, 300, 137)], FRAME)
    assert 2 == choose([face(300, 300, 60), face(100, 300, 60), face(500, 500, 90)], FRAME)


def test_of_equally_large_faces_the_central_one_is_chosen() -> None:
    """A central face of 0.72 of the area wins over the largest at the edge; one of 0.66 does not."""
    assert 1 == choose([face(60, 60, 100), face(300, 300, 85)], FRAME)
    assert 0 == choose([face(60, 60, 100), face(300, 300, 81)], FRAME)
    assert 1 == choose([face(60, 300, 100), face(300, 300, 100), face(540, 300, 100)], FRAME)


def test_equally_large_and_central_faces_are_refused() -> None:
    """Within a tenth of the longer side they are equally central; the metadata has the sizes, largest first."""
    with pytest.raises(AcquisitionFailed) as caught:
        choose([face(300, 30, 30), face(200, 300, 85), face(440, 300, 100)], FRAME)
    assert ("FACES_AMBIGUOUS", "3", "100×100, 85×85, 30×30") == (
        caught.value.reason,
        caught.value.metadata["face_count"],
        caught.value.metadata["face_sizes"],
    )
    assert "3 faces were found (100×100, 85×85, 30×30 px)" in caught.value.message
    assert 0 == choose([face(240, 300, 100), face(440, 300, 100)], FRAME)


def test_the_second_share_is_that_of_the_largest_other() -> None:
    """It is 0 without another face, and over 1 if a larger one is less central."""
    faces = [face(60, 60, 100), face(300, 300, 90), face(300, 500, 30)]
    assert 0.0 == second_share(faces[:1], 0)
    assert pytest.approx(0.81) == second_share(faces, 0)
    assert pytest.approx(1 / 0.81) == second_share(faces, 1)


def test_two_people_side_by_side_are_refused(face_extractor: FaceExtractor, hopper: Image, head: Image) -> None:
    """Two equally large people fail as FACES_AMBIGUOUS, upright and on their side."""
    both = scene((hopper, 100, 100, 1.0), (head, 700, 100, 2.0))
    for image in (both, Image(np.rot90(both.rgb).copy())):
        with pytest.raises(AcquisitionFailed) as caught:
            face_extractor.extract(image, Position.FACE)
        assert ("FACES_AMBIGUOUS", "2") == (caught.value.reason, caught.value.metadata["face_count"])


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_two_people_at_different_distances(
    face_extractor: FaceExtractor, hopper: Image, head: Image, turns: int
) -> None:
    """The nearer one is described even if the other is in the middle, with SEVERAL_FACES and unchanged quality."""
    alone, both = scene((hopper, 20, 100, 1.0)), scene((hopper, 20, 100, 1.0), (head, 570, 200, 1.25))
    expected = face_extractor.extract(alone, Position.FACE)
    found = face_extractor.extract(Image(np.rot90(both.rgb, turns).copy()), Position.FACE)
    assert 2 == len(found.details.faces)
    assert 0.3 < found.quality.measures["second_face_share"] < 0.45
    assert QualityReason.SEVERAL_FACES in found.quality.reasons
    assert similarity(expected, found) > 0.8
    if not turns:
        assert (SEVERAL, pytest.approx(expected.quality.value, abs=3)) == (found.quality.reasons, found.quality.value)


def test_three_people(face_extractor: FaceExtractor, hopper: Image, head: Image) -> None:
    """All three are reported; the large central one is described, with a doubt because of the second largest."""
    found = face_extractor.extract(
        scene((head, 0, 250, 1.0), (hopper, 450, 100, 1.0), (head, 1000, 250, 1.3)), Position.FACE
    )
    assert (3, SEVERAL) == (len(found.details.faces), found.quality.reasons)
    assert pytest.approx(184, rel=0.1) == found.details.face.box[2]


@pytest.mark.parametrize(
    ("who", "factor"), [("hopper", 0.45), ("hopper", 0.3), ("astronaut", 0.8)], ids=["ghost", "small ghost", "wall"]
)
def test_a_ghost_portrait_or_a_picture_on_the_wall(
    face_extractor: FaceExtractor, hopper: Image, astronaut: Image, who: str, factor: float
) -> None:
    """A second face of a fifth of the area is reported without a doubt."""
    second = hopper if who == "hopper" else astronaut
    found = face_extractor.extract(scene((hopper, 20, 100, 1.0), (second, 750, 250, factor)), Position.FACE)
    assert (2, ()) == (len(found.details.faces), found.quality.reasons)
    assert pytest.approx(184, rel=0.1) == found.details.face.box[2]


@pytest.mark.parametrize("scale", [0.4, 0.6, 1.0, 1.7, 2.5])
@pytest.mark.parametrize(("factor", "doubted"), [(0.5, False), (0.6, True)])
def test_a_quarter_of_the_area_is_not_comparable(
    face_extractor: FaceExtractor, hopper: Image, scale: float, factor: float, *, doubted: bool
) -> None:
    """A face half as wide raises no doubt, one 0.6 times as wide does, whatever the image's size."""
    both = scene((hopper, 20, 100, 1.0), (hopper, 750, 250, factor))
    image = Image(cv2.resize(both.rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    found = face_extractor.extract(image, Position.FACE)
    assert (2, doubted) == (len(found.details.faces), QualityReason.SEVERAL_FACES in found.quality.reasons)


def test_a_reflection(face_extractor: FaceExtractor, hopper: Image) -> None:
    """A second face of the same person in a mirror is a doubt, by its size alone."""
    mirrored = Image(hopper.rgb[:, ::-1].copy())
    found = face_extractor.extract(scene((hopper, 20, 100, 1.0), (mirrored, 800, 100, 0.7)), Position.FACE)
    assert SEVERAL == found.quality.reasons
