"""`python -m studies.spoiled.spoiled_faces IMAGES.csv…`: extraction and matching of faces spoiled in known ways."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.quality import Quality
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from infra.images.decode import Image, decode
from services.face.comparator import FaceComparator
from services.face.extractor import FaceExtractor
from services.face.template.faces import Face
from studies.spoiled.spoiling import AS_IT_IS, Study, outcomes

MATCH = 0.425  # published for FMR 1e-4 on LFW
POOR = 20.0  # a quality that enrolment refuses by default
Rgb = NDArray[np.uint8]
Point = tuple[int, int]


def spoilings(image: Image, other: Image, face: Face) -> dict[str, Image]:
    """Each way to spoil an image of a face, by name, and the image it gives.

    Args:
        image: an image of one face, about in the middle.
        other: an image of another person.
        face: the face detected in `image`.
    """
    rgb = image.rgb
    spoiled = {AS_IT_IS: rgb} | _no_face(rgb) | _posed(rgb) | _captured(rgb, face.inter_eye_px) | _hidden(rgb, face)
    spoiled |= _drawn(rgb) | _with_others(rgb, other.rgb)
    spoiled["20 px wide"] = _scaled(rgb, 20 / face.box[2])
    return {name: Image(np.ascontiguousarray(each)) for name, each in spoiled.items()} | {"grey": Image(image.gray)}


def _no_face(rgb: Rgb) -> dict[str, Rgb]:
    noise = np.random.default_rng(0).integers(0, 256, rgb.shape, np.uint8)
    return {"black": np.zeros_like(rgb), "white": np.full_like(rgb, 255), "noise": noise, "inverted": 255 - rgb}


def _posed(rgb: Rgb) -> dict[str, Rgb]:
    height, width = rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 30.0, 1.0)
    turned = cv2.warpAffine(rgb, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return {
        "turned by 30°": np.asarray(turned, np.uint8),
        "turned by 90°": np.rot90(rgb),
        "turned by 180°": rgb[::-1, ::-1],
        "mirrored": rgb[:, ::-1],
        "narrowed to 60 %": np.asarray(cv2.resize(rgb, (6 * width // 10, height), interpolation=cv2.INTER_AREA)),
    }


def _captured(rgb: Rgb, unit_px: float) -> dict[str, Rgb]:
    """Out of focus, blurred by motion, badly exposed; `unit_px` is the distance between the eyes."""
    noise = np.random.default_rng(1).standard_normal(rgb.shape)
    length = max(3, round(0.4 * unit_px))
    motion = np.zeros((length, length), np.float32)
    motion[length // 2] = 1 / length
    return {
        "blurred by a tenth": np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.1 * unit_px), np.uint8),
        "blurred by a sixth": np.asarray(cv2.GaussianBlur(rgb, (0, 0), unit_px / 6), np.uint8),
        "moved by two fifths": np.asarray(cv2.filter2D(rgb, -1, motion, borderType=cv2.BORDER_REPLICATE), np.uint8),
        "noise of 40 levels": _levels(rgb + 40 * noise),
        "a tenth as bright": _levels(rgb * 0.1 + noise),
        "three times as bright": _levels(rgb * 3.0),
        "a tenth of the contrast": _levels(128 + 0.1 * (rgb - 128.0) + noise),
    }


def _hidden(rgb: Rgb, face: Face) -> dict[str, Rgb]:
    """Hidden by dark glasses, a light-blue mask, a board over one half, and cut off by the frame at the nose."""
    right_eye, left_eye, nose, right_mouth, left_mouth = np.array(face.landmarks)
    unit, across = face.inter_eye_px, left_eye - right_eye
    glasses, mask, board = rgb.copy(), rgb.copy(), rgb.copy()
    ends = _point(right_eye - 0.4 * across), _point(left_eye + 0.4 * across)
    cv2.line(glasses, *ends, (25, 25, 30), max(1, round(0.45 * unit)))
    middle, axes = _point((nose + right_mouth + left_mouth) / 3 + (0, 0.2 * unit)), _point(unit * np.array([0.95, 0.7]))
    cv2.ellipse(mask, middle, axes, 0.0, 0.0, 360.0, (165, 200, 225), -1)
    column = max(32, round(float(nose[0])))
    board[:, column:] = 90
    return {
        "dark glasses": glasses,
        "mask": mask,
        "half behind a board": board,
        "cut through the nose": rgb[:, :column],
    }


def _drawn(rgb: Rgb) -> dict[str, Rgb]:
    """Drawn as lines on white, and in uniform areas of few colours with black outlines."""
    gray = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (0, 0), 1.0)
    lines = cv2.dilate(cv2.Canny(gray, 40, 90), np.ones((2, 2), np.uint8)) > 0
    even = cv2.medianBlur(cv2.pyrMeanShiftFiltering(rgb, 12, 40), 7) // 64 * 64 + 32
    paper, areas = np.full_like(rgb, 255), np.asarray(even, np.uint8)
    paper[lines], areas[lines] = 0, 0
    return {"drawn in lines": paper, "drawn in areas": areas}


def _with_others(rgb: Rgb, other: Rgb) -> dict[str, Rgb]:
    """Beside another person, and in front of a picture of one on the wall, 0.35 times as large."""
    height, width = rgb.shape[:2]
    beside = np.asarray(cv2.resize(other, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    wall, small = rgb.copy(), _scaled(beside, 0.35)
    wall[: small.shape[0], : small.shape[1]] = small
    return {"two people": np.hstack([rgb, beside]), "picture on the wall": wall}


def _levels(values: NDArray[np.floating]) -> Rgb:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _scaled(rgb: Rgb, factor: float) -> Rgb:
    return np.asarray(cv2.resize(rgb, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8)


def _point(values: NDArray[np.floating]) -> Point:
    return round(float(values[0])), round(float(values[1]))


def notes(quality: Quality) -> Iterable[str]:
    """The quality's reasons, and whether enrolment refuses the quality."""
    yield from (str(reason) for reason in quality.reasons)
    if quality.value < POOR:
        yield f"quality under {POOR:.0f}"


def study(extractor: FaceExtractor) -> Study:
    """The study of faces; the extractor detects the face of an image."""

    def spoil(image: Image, other: Image) -> dict[str, Image]:
        return spoilings(image, other, extractor.extract(image, Position.FACE).details.face)

    return Study(Modality.FACE, spoil, MATCH, notes)


def read_some(path: Path, every: int) -> list[tuple[Image, Image]]:
    """Each `every`th image of images.csv, with the first of these that is of another subject; colours are kept."""
    rows = read_images(path, Modality.FACE)[::every]
    images = [decode(row.path.read_bytes()) for row in rows]
    others = [next(i for r, i in zip(rows, images, strict=True) if r.subject != row.subject) for row in rows]
    return list(zip(images, others, strict=True))


@click.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--every", default=15, show_default=True, type=click.IntRange(1), help="Take one image of so many.")
@click.option("--only", multiple=True, help="Only the spoiling of this name; may be repeated.")
def main(images: tuple[Path, ...], every: int, only: tuple[str, ...]) -> None:
    """Spoil images of each images.csv in every way, and print what became of them."""
    try:
        extractor: FaceExtractor = FaceExtractor.load()
        for path in images:
            pairs = read_some(path, every)
            click.echo(f"{path.parent.name}, {len(pairs)} images:")
            for name, count in outcomes(pairs, study(extractor), extractor, FaceComparator(), only).items():
                told = ", ".join(f"{number} {what}" for what, number in count.most_common() if number)
                click.echo(f"  {name:24} {told}")
    except BiofusionError as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
