"""Extraction of templates from portraits."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest

from biometrics.errors import AcquisitionFailed, ImageTooSmall, PositionInvalid
from biometrics.template import Position
from infra.images.decode import Image, decode
from services.face.comparator import FaceComparator
from services.face.extractor import FaceExtractor

ANYONE = Position.UNKNOWN


def scaled(image: Image, factor: float) -> Image:
    """The image, enlarged or reduced."""
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return Image(cv2.resize(image.rgb, None, fx=factor, fy=factor, interpolation=kind))


def similarity(extractor: FaceExtractor, one: Image, other: Image) -> float:
    """The score of two images' chosen faces."""
    comparator = FaceComparator()
    stacks = [comparator.stack([extractor.extract(image, ANYONE).template]) for image in (one, other)]
    return float(comparator.compare(*stacks)[0, 0])


def test_a_portrait_is_described(face_extractor: FaceExtractor, hopper: Image) -> None:
    """A portrait has one face, with landmarks inside its box, eyes above the mouth, and a nearly frontal pose."""
    extraction = face_extractor.extract(hopper, Position.FACE)
    face = extraction.details.face
    left, top, width, height = face.box
    points = np.array(face.landmarks)
    assert (1, "face-sface-2021dec-1") == (len(extraction.details.faces), extraction.template.model_id)
    assert np.all((points > [left, top]) & (points < [left + width, top + height]))
    assert points[:2, 1].max() < points[2, 1] < points[3:, 1].min()
    assert max(abs(face.pose.yaw), abs(face.pose.pitch), abs(face.pose.roll)) < 15


def test_same_person_scores_higher_than_another(face_extractor: FaceExtractor, hopper: Image, astronaut: Image) -> None:
    """The same portrait at half the size scores far above two different people."""
    assert similarity(face_extractor, hopper, scaled(hopper, 0.5)) > 0.9
    assert similarity(face_extractor, hopper, astronaut) < 0.3


@pytest.mark.parametrize("face_px", [40, 90, 400, 900])
def test_faces_of_any_size(face_extractor: FaceExtractor, astronaut: Image, face_px: int) -> None:
    """A face 40 to 900 px wide is found at its width, and matches."""
    image = scaled(Image(astronaut.rgb[:300, 80:380]), face_px / 91)
    assert pytest.approx(face_px, rel=0.15) == face_extractor.extract(image, ANYONE).details.face.box[2]
    assert similarity(face_extractor, astronaut, image) > 0.75


@pytest.mark.parametrize("side_px", [100, 250, 900])
def test_a_face_that_fills_the_frame(face_extractor: FaceExtractor, hopper: Image, side_px: int) -> None:
    """An image cropped to the face is still recognised."""
    tight = Image(np.ascontiguousarray(hopper.rgb[123:333, 172:362]))
    image = scaled(tight, side_px / 210)
    assert similarity(face_extractor, hopper, image) > 0.75


@pytest.mark.parametrize("size", [(4000, 3000), (1000, 3000)])
def test_a_small_face_in_a_large_image(face_extractor: FaceExtractor, astronaut: Image, size: tuple[int, int]) -> None:
    """A 91 px face in an image many times as large is found at its position."""
    canvas = np.full((size[0], size[1], 3), 120, np.uint8)
    canvas[300:812, 2000:2512] = astronaut.rgb
    left, top, _, _ = face_extractor.extract(Image(canvas), ANYONE).details.face.box
    assert pytest.approx((2179, 363), abs=15) == (left, top)


def test_grey_images_are_accepted(face_extractor: FaceExtractor, hopper: Image) -> None:
    """A grey portrait matches the colour one."""
    assert similarity(face_extractor, hopper, Image(hopper.gray)) > 0.8


@pytest.mark.parametrize("value", [0, 128, 255])
def test_no_face(face_extractor: FaceExtractor, value: int) -> None:
    """An empty image fails as FACE_NOT_FOUND."""
    with pytest.raises(AcquisitionFailed) as caught:
        face_extractor.extract(Image(np.full((300, 400), value, np.uint8)), ANYONE)
    assert "FACE_NOT_FOUND" == caught.value.reason


def test_noise_is_no_face(face_extractor: FaceExtractor) -> None:
    """Noise fails as FACE_NOT_FOUND."""
    noise = np.random.default_rng(5).integers(0, 255, (480, 640, 3), np.uint8)
    with pytest.raises(AcquisitionFailed) as caught:
        face_extractor.extract(Image(noise), ANYONE)
    assert "FACE_NOT_FOUND" == caught.value.reason


@pytest.mark.parametrize("size", [(31, 100), (100, 31)])
def test_too_small(face_extractor: FaceExtractor, size: tuple[int, int]) -> None:
    """An image with a side under 32 px is refused."""
    with pytest.raises(ImageTooSmall):
        face_extractor.extract(Image(np.zeros(size, np.uint8)), ANYONE)


def test_a_fingers_position_is_refused(face_extractor: FaceExtractor, hopper: Image) -> None:
    """A position of another modality is refused."""
    with pytest.raises(PositionInvalid):
        face_extractor.extract(hopper, Position.LEFT_THUMB)


def test_threads_give_equal_templates(face_extractor: FaceExtractor, hopper: Image, astronaut: Image) -> None:
    """Templates made concurrently equal those made in sequence."""
    images = [hopper, astronaut] * 2
    expected = [face_extractor.extract(image, ANYONE).template for image in images]
    with ThreadPoolExecutor(3) as pool:
        assert expected == list(pool.map(lambda image: face_extractor.extract(image, ANYONE).template, images))


@pytest.mark.data
def test_lfw_pairs(face_extractor: FaceExtractor, shared_data: Path) -> None:
    """Of 10 mated and 10 non-mated pairs of LFW, at most one is on the wrong side of cosine 0.36."""
    folder = shared_data / "face" / "lfw-devtest"
    rows = [line.split() for line in (folder / "pairsDevTest.txt").read_text().splitlines()[1:]]
    chosen = rows[:10] + rows[-10:]
    pairs = [
        ((row[0], row[1]), (row[0], row[2])) if len(row) == 3 else ((row[0], row[1]), (row[2], row[3]))
        for row in chosen
    ]
    files = {path.name: path for path in (folder / "images").rglob("*.jpg")}
    images = [[decode(files[f"{who}_{int(n):04d}.jpg"].read_bytes()) for who, n in pair] for pair in pairs]
    right = [
        (similarity(face_extractor, *pair) >= 0.36) == (len(row) == 3) for pair, row in zip(images, chosen, strict=True)
    ]
    assert sum(right) >= 19


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of the work, the minimum of three runs."""
    took = []
    for _ in range(3):
        begin = time.process_time()
        with suppress(AcquisitionFailed):
            work()
        took.append(time.process_time() - begin)
    return min(took)


def test_large_images_are_reduced_once(face_extractor: FaceExtractor) -> None:
    """Searching an image without a face at six sizes takes less than six times as long as reading all its pixels."""
    blank = Image(np.full((6000, 6600, 3), 90, np.uint8))
    small = Image(cv2.resize(blank.rgb, (2200, 2000)))
    once = cpu_s(lambda: cv2.resize(blank.rgb, (640, 582), interpolation=cv2.INTER_AREA))
    looked_for = cpu_s(lambda: face_extractor.extract(blank, ANYONE))
    assert looked_for < 4 * once + 2 * cpu_s(lambda: face_extractor.extract(small, ANYONE))


def test_a_face_in_a_reduced_image_is_reported_in_its_pixels(face_extractor: FaceExtractor, hopper: Image) -> None:
    """Detections at a fraction of the size are reported in pixels of the image."""
    factor = 6000 / max(hopper.rgb.shape[:2])
    found, expected = (face_extractor.extract(image, ANYONE) for image in (scaled(hopper, factor), hopper))
    box, points = np.array(found.details.face.box), np.array(found.details.face.landmarks)
    width = factor * expected.details.face.box[2]
    assert np.abs(box - factor * np.array(expected.details.face.box)).max() < 0.03 * width
    assert np.abs(points - factor * np.array(expected.details.face.landmarks)).max() < 0.03 * width
