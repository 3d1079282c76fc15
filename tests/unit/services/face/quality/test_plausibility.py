"""Outcomes of images that are not a photograph of one uncovered face."""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from biofusion.face.v1 import face_pb2
from PIL import Image as Pillow

from biometrics.errors import AcquisitionFailed, ImageUndecodable
from biometrics.quality import QualityReason
from biometrics.template import Position
from infra.images.decode import Image, decode
from rendering.eyes import render_eye
from services.face.comparator import FaceComparator
from services.face.convert import details_to_wire
from services.face.extractor import FaceExtractor
from services.face.quality.plausibility import require_photograph, require_recognisable
from studies.spoiled.spoiled_faces import MATCH, spoilings


def reason(extractor: FaceExtractor, image: Image) -> str:
    """Why an image is refused."""
    with pytest.raises(AcquisitionFailed) as caught:
        extractor.extract(image, Position.FACE)
    return caught.value.reason


def score(extractor: FaceExtractor, one: Image, other: Image) -> float:
    """Score of the chosen faces of two images."""
    comparator = FaceComparator()
    first, second = (comparator.stack([extractor.extract(image, Position.FACE).template]) for image in (one, other))
    return float(comparator.compare(first, second)[0, 0])


@pytest.fixture(scope="module")
def spoiled(face_extractor: FaceExtractor, astronaut: Image, hopper: Image) -> dict[str, Image]:
    """The astronaut's portrait, spoiled in every way."""
    return spoilings(astronaut, hopper, face_extractor.extract(astronaut, Position.FACE).details.face)


def drawing(ink: tuple[int, int, int], skin: tuple[int, int, int]) -> np.ndarray:
    """A drawing that the detector accepts as a face: an oval with eyes, brows, nose and mouth."""
    canvas = np.full((400, 400, 3), 255, np.uint8)

    def oval(x: int, y: int, wide: int, high: int, colour: tuple[int, int, int], width: int = -1) -> None:
        cv2.ellipse(canvas, (x, y), (wide, high), 0.0, 0.0, 360.0, colour, width, cv2.LINE_AA)

    oval(200, 200, 105, 140, skin)
    oval(200, 200, 105, 140, ink, 4)
    for side in (-1, 1):
        oval(200 + side * 44, 183, 21, 13, (255, 255, 255))
        oval(200 + side * 44, 183, 21, 13, ink, 4)
        oval(200 + side * 44, 183, 9, 11, ink)
        oval(200 + side * 44, 160, 27, 5, ink)
    cv2.polylines(canvas, [np.array([(200, 193), (188, 239), (208, 242)])], False, ink, 4, cv2.LINE_AA)
    oval(200, 277, 34, 12, ink, 4)
    return canvas


@pytest.mark.parametrize("name", ["black", "white", "noise"])
def test_no_face(face_extractor: FaceExtractor, spoiled: dict[str, Image], name: str) -> None:
    """Blank images and noise are refused."""
    assert "FACE_NOT_FOUND" == reason(face_extractor, spoiled[name])


@pytest.mark.parametrize("skin", [(255, 255, 255), (225, 175, 145), (120, 80, 60)])
def test_a_drawing_is_refused(face_extractor: FaceExtractor, skin: tuple[int, int, int]) -> None:
    """A face drawn in lines or even areas is refused for its missing shading."""
    assert "FACE_WITHOUT_SHADING" == reason(face_extractor, Image(drawing((20, 20, 20), skin)))


@pytest.mark.parametrize("name", ["drawn in lines", "drawn in areas"])
def test_a_portrait_turned_into_a_drawing_is_refused(
    face_extractor: FaceExtractor, spoiled: dict[str, Image], name: str
) -> None:
    """The outlines of a photograph, with or without even colours between, are refused as a drawing or as no face."""
    assert reason(face_extractor, spoiled[name]) in {"FACE_WITHOUT_SHADING", "FACE_NOT_FOUND"}


def test_an_animal_is_no_face(face_extractor: FaceExtractor, load_asset: Callable[[str], bytes]) -> None:
    """A cat facing the camera is refused."""
    assert "FACE_NOT_FOUND" == reason(face_extractor, decode(load_asset("cat")))


@pytest.mark.parametrize("name", ["finger-1", "finger-2", "finger-3"])
def test_a_fingerprint_is_no_face(face_extractor: FaceExtractor, load_asset: Callable[[str], bytes], name: str) -> None:
    """An image sent to the wrong service is refused."""
    assert "FACE_NOT_FOUND" == reason(face_extractor, decode(load_asset(name)))


def test_an_eye_is_no_face(face_extractor: FaceExtractor) -> None:
    """A near-infrared image of one eye is refused."""
    assert "FACE_NOT_FOUND" == reason(face_extractor, Image(render_eye(0, 0)))


def test_a_picture_on_the_wall_is_not_chosen(
    face_extractor: FaceExtractor, spoiled: dict[str, Image], astronaut: Image
) -> None:
    """Both faces are reported, and the person in front of the picture is described."""
    extraction = face_extractor.extract(spoiled["picture on the wall"], Position.FACE)
    assert 2 == len(extraction.details.faces)
    assert score(face_extractor, astronaut, spoiled["picture on the wall"]) > 0.9


@pytest.mark.parametrize("name", ["dark glasses", "mask"])
def test_a_covered_face_is_named(
    face_extractor: FaceExtractor, spoiled: dict[str, Image], astronaut: Image, name: str
) -> None:
    """A covered face's first reason is OCCLUDED, and it still matches."""
    assert QualityReason.OCCLUDED == face_extractor.extract(spoiled[name], Position.FACE).quality.reasons[0]
    assert score(face_extractor, astronaut, spoiled[name]) > MATCH


def test_a_face_20_px_wide_is_named(face_extractor: FaceExtractor, spoiled: dict[str, Image]) -> None:
    """A face 20 px wide is extracted, with TOO_SMALL as its first reason."""
    quality = face_extractor.extract(spoiled["20 px wide"], Position.FACE).quality
    assert QualityReason.TOO_SMALL == quality.reasons[0]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_photograph_on_its_side_is_recognised(face_extractor: FaceExtractor, hopper: Image, turns: int) -> None:
    """After any quarter turn the same face is found at the same place, with OFF_POSE."""
    turned = Image(np.ascontiguousarray(np.rot90(hopper.rgb, turns)))
    upright, found = (face_extractor.extract(image, Position.FACE) for image in (hopper, turned))
    assert QualityReason.OFF_POSE in found.quality.reasons
    assert pytest.approx(upright.details.face.inter_eye_px, rel=0.05) == found.details.face.inter_eye_px
    assert score(face_extractor, hopper, turned) > 0.9


@pytest.mark.parametrize("degrees", [-60, -45, 30, 45, 60, 135])
def test_a_tilted_face_is_recognised(face_extractor: FaceExtractor, hopper: Image, degrees: int) -> None:
    """A tilted face matches, and its roll is estimated within 10°."""
    height, width = hopper.rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 0.7)
    tilted = Image(np.asarray(cv2.warpAffine(hopper.rgb, turn, (width, height)), np.uint8))
    assert pytest.approx(degrees, abs=10) == face_extractor.extract(tilted, Position.FACE).details.face.pose.roll
    assert score(face_extractor, hopper, tilted) > 0.7


def encoded(kind: str, portrait: Image) -> bytes:
    """The portrait in an unusual file format."""
    buffer = io.BytesIO()
    if kind == "CMYK":
        Pillow.fromarray(portrait.rgb).convert("CMYK").save(buffer, "JPEG", quality=95)
    elif kind == "16-bit":
        Pillow.fromarray(portrait.gray.astype(np.uint16) * 257).save(buffer, "PNG")
    else:
        Pillow.fromarray(portrait.gray).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["CMYK", "16-bit", "grey"])
def test_unusual_files_match(face_extractor: FaceExtractor, hopper: Image, kind: str) -> None:
    """CMYK, 16 bits and grey are read, and the face matches."""
    assert score(face_extractor, hopper, decode(encoded(kind, hopper))) > 0.8


def test_a_damaged_file_is_named(load_asset: Callable[[str], bytes]) -> None:
    """Half of a file is refused before faces are detected."""
    data = load_asset("portrait-hopper")
    with pytest.raises(ImageUndecodable):
        decode(data[: len(data) // 2])


def test_short_embeddings_are_refused() -> None:
    """Below a length of 6.5 the face is refused as not recognisable; the metadata has the length."""
    with pytest.raises(AcquisitionFailed) as caught:
        require_recognisable(6.4)
    require_recognisable(6.6)
    assert ("FACE_NOT_FOUND", "6.4") == (caught.value.reason, caught.value.metadata["embedding_norm"])


def test_gentle_gradients_pass_as_a_photograph() -> None:
    """A brightness gradient passes; an even area does not."""
    slope = np.repeat(np.arange(112, dtype=np.uint8)[None, :, None] * 2, 112, axis=0).repeat(3, axis=2)
    require_photograph(slope)
    with pytest.raises(AcquisitionFailed):
        require_photograph(np.full((112, 112, 3), 90, np.uint8))


def test_presentation_attacks_are_not_assessed(face_extractor: FaceExtractor, hopper: Image) -> None:
    """The response says that no check was made."""
    details = details_to_wire(face_extractor.extract(hopper, Position.FACE).details)
    assert face_pb2.PRESENTATION_ATTACK_NOT_ASSESSED == details.presentation_attack
