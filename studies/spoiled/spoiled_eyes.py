"""`python -m studies.spoiled.spoiled_eyes IMAGES.csv…`: extraction and matching of eyes spoiled in known ways."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from biometrics.quality import Quality
from biometrics.template import Modality
from infra.images.decode import Image
from services.iris.comparator import IrisComparator
from services.iris.extractor import IrisExtractor
from studies.spoiled.spoiling import AS_IT_IS, Gray, Study, spoiling_command

MATCH = 1.8  # the score of iris-hamming-3 at FMR 1e-3 on CASIA-Iris-Interval, 1.703, rounded up
POOR = 20.0  # a quality that enrolment refuses by default
Floats = NDArray[np.floating]


def spoilings(image: Image, other: Image) -> dict[str, Image]:
    """Each way to spoil an image of an eye, by name, and the image it gives.

    Args:
        image: an image of one eye, about in the middle.
        other: an image of another eye.
    """
    gray = image.gray
    spoiled = {AS_IT_IS: gray} | _no_eye(gray) | _posed(gray) | _captured(gray) | _colored(gray)
    spoiled["two eyes, side by side"] = np.hstack([gray, _fitted(other.gray, gray)])
    spoiled["two eyes, one above"] = np.vstack([gray, _fitted(other.gray, gray)])
    return {name: Image(np.ascontiguousarray(each)) for name, each in spoiled.items()}


def _no_eye(gray: Gray) -> dict[str, Gray]:
    height, width = gray.shape
    noise = np.random.default_rng(0).integers(0, 256, gray.shape, np.uint8)
    lid = _resized(gray[: height // 5], width, 55 * height // 100)
    return {
        "black": np.zeros_like(gray),
        "white": np.full_like(gray, 255),
        "noise": noise,
        "skin above the eye only": _resized(gray[: height // 5], width, height),
        "left half, enlarged": _resized(gray[:, : width // 2], width, 2 * height),
        "upper half, enlarged": _resized(gray[: height // 2], 2 * width, height),
        "upper half under skin": np.vstack([lid, gray[len(lid) :]]),
    }


def _posed(gray: Gray) -> dict[str, Gray]:
    height, width = gray.shape
    padding = [(size // 2, size // 2) for size in gray.shape]
    return {
        "turned by 180°": gray[::-1, ::-1],
        "turned by 90°": np.rot90(gray),
        "turned by 270°": np.rot90(gray, 3),
        "mirrored": gray[:, ::-1],
        "turned by 10°": _warped(gray, 10.0, 1.0),
        "turned by 30°": _warped(gray, 30.0, 1.0),
        "narrowed to 85 %": _warped(gray, 0.0, 0.85),
        "narrowed to 65 %": _warped(gray, 0.0, 0.65),
        "half the size": _resized(np.pad(gray, padding, mode="edge"), width, height),
    }


def _captured(gray: Gray) -> dict[str, Gray]:
    noise = np.random.default_rng(1).standard_normal(gray.shape)
    motion = np.zeros((15, 15), np.float32)
    motion[7] = 1 / 15
    return {
        "blurred by 3 px": np.asarray(cv2.GaussianBlur(gray, (0, 0), 3.0), np.uint8),
        "blurred by 6 px": np.asarray(cv2.GaussianBlur(gray, (0, 0), 6.0), np.uint8),
        "moved by 15 px": np.asarray(cv2.filter2D(gray, -1, motion, borderType=cv2.BORDER_REPLICATE), np.uint8),
        "noise of 20 levels": _levels(gray + 20 * noise),
        "a fifth as bright": _levels(gray * 0.2 + noise),
        "twice as bright": _levels(gray * 2.0),
        "a fifth of the contrast": _levels(128 + 0.2 * (gray - 128.0) + noise),
        "inverted": 255 - gray,
        "printed in dots": _halftone(gray),
    }


def _colored(gray: Gray) -> dict[str, Gray]:
    """RGB images: grey, of one tint, and with colours that depend on brightness as those of skin and eye do."""
    share = gray / 255.0
    return {
        "stored as RGB": np.repeat(gray[:, :, None], 3, axis=2),
        "with a tint": _levels(gray[:, :, None] * np.array([1.0, 0.7, 0.9])),
        "in colours": _levels(255 * np.stack([share**0.7, share, share**1.4], axis=2)),
    }


def _levels(values: Floats) -> Gray:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _resized(gray: Gray, width: int, height: int) -> Gray:
    return np.asarray(cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _fitted(gray: Gray, like: Gray) -> Gray:
    return _resized(gray, like.shape[1], like.shape[0])


def _warped(gray: Gray, degrees: float, narrowed: float) -> Gray:
    """Turned about the middle, then narrowed horizontally."""
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turn[0] = narrowed * turn[0] + np.array([0, 0, (1 - narrowed) * width / 2])
    return np.asarray(cv2.warpAffine(gray, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _halftone(gray: Gray) -> Gray:
    """As if printed: black dots on a grid of 5 px, larger where the image is darker."""
    ys, xs = np.mgrid[: gray.shape[0], : gray.shape[1]]
    screen = (np.cos(2 * np.pi * xs / 5) + np.cos(2 * np.pi * ys / 5)) / 4 + 0.5
    return np.asarray(np.where(gray / 255.0 > screen, 235, 20), np.uint8)


def notes(quality: Quality) -> Iterable[str]:
    """The quality's reasons, including one for a turned eye, and whether the quality is under 20."""
    yield from (str(reason) for reason in quality.reasons)
    if quality.value < POOR:
        yield f"quality under {POOR:.0f}"


STUDY = Study(Modality.IRIS, spoilings, MATCH, notes)
main = spoiling_command(STUDY, IrisExtractor.load, IrisComparator())

if __name__ == "__main__":
    main()
