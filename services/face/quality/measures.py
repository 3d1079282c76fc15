"""Measures the quality components of a face sample, in the manner of ISO/IEC 29794-5.

All but size, pose and the share inside the frame are taken from the aligned face, 112×112 px.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from services.face.detection.landmarks import TEMPLATE, similarity
from services.face.template.faces import Face

Gray = NDArray[np.uint8]
Pixels = NDArray[np.uint8]

INNER = np.s_[24:104, 24:88]  # of the aligned face: eyebrows to chin, cheek to cheek
EYES = (np.s_[44:60, 26:50], np.s_[44:60, 62:86])
MOUTH = np.s_[80:104, 36:76]
LOWER_FACE = np.s_[84:106, 32:80]
NOSE_AND_CHEEKS = np.s_[56:74, 30:82]
FOREHEAD = np.s_[26:38, 40:72]
BURNT_FROM = 250  # grey levels, in every channel
SHADES = (2, 40)  # grey-level differences to the neighbours: more than on paper, less than at a drawn line
FLAT = 0.5  # of the face's median local contrast
NEARLY_FLAT = 0.75
DARK = 0.7  # standard deviations below the face's median


def measure(face: Face, aligned: Pixels, frame: tuple[int, int], norm: float) -> dict[str, float]:
    """Measure a face.

    Args:
        face: in pixels of the image.
        aligned: uint8 (112, 112, 3), the face upright.
        frame: height and width of the image.
        norm: length of the embedding before it is scaled to 1.

    Returns:
        embedding_norm: `norm`.
        inter_eye_px: px of the image.
        sharpness: see `sharpness`; LFW: 0.06–0.2.
        brightness: mean, grey levels.
        burnt_share: share of white (overexposed) pixels, 0–1.
        contrast: difference between the 95 % and the 5 % quantile, grey levels.
        turn_degrees: yaw and pitch combined.
        roll_degrees: 0–180.
        inside_share: share of the inner face that lies inside the image, 0–1.
        eyes_hidden: smooth share of the clearer eye, 0–1; high behind dark glasses.
        mouth_hidden: smooth share of the mouth, 0–1; high behind a mask.
        lower_tint: colour distance between mouth and chin and the rest of the face, CIELAB units.
    """
    gray = np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY), np.uint8)
    dark, light = (float(value) for value in np.percentile(gray[INNER], [5, 95]))
    steps = step(gray, 5)
    usual = float(np.median(steps[INNER])) + 1
    return {
        "embedding_norm": norm,
        "inter_eye_px": face.inter_eye_px,
        "sharpness": sharpness(gray),
        "brightness": float(gray[INNER].mean()),
        "burnt_share": float(np.mean(aligned[INNER].min(axis=2) >= BURNT_FROM)),
        "contrast": light - dark,
        "turn_degrees": float(np.hypot(face.pose.yaw, face.pose.pitch)),
        "roll_degrees": abs(face.pose.roll),
        "inside_share": inside_share(face, frame),
        "eyes_hidden": _eyes_hidden(gray, steps / usual),
        "mouth_hidden": float(np.mean(steps[MOUTH] < FLAT * usual)),
        "lower_tint": lower_tint(aligned),
    }


def step(gray: Gray, side: int) -> Gray:
    """Local contrast: lightest minus darkest pixel of each neighbourhood of `side`×`side` px; grey levels."""
    square = np.ones((side, side), np.uint8)
    return np.asarray(cv2.dilate(gray, square) - cv2.erode(gray, square), np.uint8)


def sharpness(gray: Gray) -> float:
    """Strength of a face's fine structure relative to its contrast; low if out of focus, or moved in any direction.

    The horizontal and vertical second derivative after a Gaussian of 1 px: the lower of their 90 % quantiles, divided
    by the standard deviation of the grey levels. (Motion blurs in one direction only.)
    """
    smooth = cv2.GaussianBlur(gray, (0, 0), 1.0)
    second = (cv2.Sobel(smooth, cv2.CV_32F, *order, ksize=3) for order in ((2, 0), (0, 2)))
    weaker = min(float(np.percentile(np.abs(each[INNER]), 90)) for each in second) / 4
    return weaker / (float(gray[INNER].std()) + 2)


def shading(aligned: Pixels) -> float:
    """Share of the inner face where a pixel differs from its neighbours by 2 to 40 grey levels, 0–1.

    Skin is shaded nearly everywhere: LFW has 0.56 or more. Drawings, with even areas and hard lines, have under 0.15.

    Args:
        aligned: uint8 (112, 112, 3).
    """
    steps = step(np.asarray(cv2.cvtColor(aligned, cv2.COLOR_RGB2GRAY), np.uint8), 3)[INNER]
    return float(np.mean((steps >= SHADES[0]) & (steps <= SHADES[1])))


def lower_tint(aligned: Pixels) -> float:
    """Distance between the median colours of the lower face and of nose, cheeks and forehead: CIELAB, a and b only."""
    smooth = cv2.GaussianBlur(aligned, (0, 0), 1.0).astype(np.float32) / 255
    colours = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB)[:, :, 1:]
    upper = np.concatenate([colours[each].reshape(-1, 2) for each in (NOSE_AND_CHEEKS, FOREHEAD)])
    return float(np.linalg.norm(np.median(colours[LOWER_FACE].reshape(-1, 2), axis=0) - np.median(upper, axis=0)))


def inside_share(face: Face, frame: tuple[int, int]) -> float:
    """Share of the aligned face's inner part that lies inside the image, sampled every 4 px."""
    matrix = similarity(np.array(face.landmarks), TEMPLATE)
    rows, columns = np.mgrid[INNER][:, ::4, ::4]
    grid = np.stack([columns.ravel(), rows.ravel()]) - matrix[:, 2:]
    x, y = np.linalg.solve(matrix[:, :2], grid)
    return float(np.mean((x >= 0) & (y >= 0) & (x < frame[1]) & (y < frame[0])))


def _eyes_hidden(gray: Gray, steps: NDArray[np.floating]) -> float:
    """Smooth share of the clearer eye; `steps`: local contrast in units of the face's median."""
    dark = gray < np.median(gray[INNER]) - DARK * gray[INNER].std()
    smooth = (steps < FLAT) | ((steps < NEARLY_FLAT) & dark)
    return float(min(np.mean(smooth[eye]) for eye in EYES))
