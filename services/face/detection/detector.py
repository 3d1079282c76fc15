"""Detects faces with YuNet at one or more sizes of the image."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from infra.models.onnx_model import OnnxModel
from services.face.detection.landmarks import pose
from services.face.detection.turning import crop, levelling, moved, turned_back
from services.face.template.faces import Face

Pixels = NDArray[np.uint8]
Rows = NDArray[np.float64]

SCORE_THRESHOLD = 0.6
SURE = 0.9
LOOKS = 3
TILTED_DEGREES = 12.0
LEVEL_DEGREES = 5.0
OVERLAP_THRESHOLD = 0.3  # intersection over union
STRIDES = (8, 16, 32)
FINE_PX = 640
MAX_ENLARGEMENT = 1.5
COARSE_PX = 128
BORDER_PX = 32
FINEST_PX = 1280
LARGE_FACE_PX = 240
MULTIPLE_PX = 32
LOOKED_AT_PX = 2 * FINEST_PX
"""An image with a longer side of at least twice this is first reduced by a whole number, to no less than this."""


class FaceDetector:
    """Finds every face of an image.

    1. Scale the image to a longer side of 640 px, enlarging at most 1.5 times, and detect. (Landmarks are more exact
       on a larger face: on LFW View 1, 250 px, FNMR at FMR 1e-4 is 1.4 % with the enlargement, 2.3 % without.)
    2. Scale it to 128 px with a border of 32 px, and detect faces larger than 240 px in step 1's image.
    3. If nothing was found and the image is larger than 640 px, detect small faces at 1280 px.
    4. If no score is at least 0.9, repeat step 1 on the image turned by 90°, 180° and 270°, and keep the orientation
       with the best score. (Upright faces of LFW View 1 score 0.898 or more, on their side or upside down up to 0.9.)
    5. Among boxes that overlap by more than 0.3 (intersection over union) keep the one with the highest score.

    Args:
        model: hardened YuNet.
    """

    def __init__(self, model: OnnxModel) -> None:
        self._model = model

    def detect(self, rgb: Pixels) -> tuple[Face, ...]:
        """Faces with a detection score of 0.6 or more, highest score first.

        Args:
            rgb: uint8 (height, width, 3).
        """
        looked_at = _reduced(rgb)
        factors = [rgb.shape[1] / looked_at.shape[1], rgb.shape[0] / looked_at.shape[0]]
        rows = self._rows(looked_at)
        rows[:, :4] *= np.tile(factors, 2)
        rows[:, 5:] *= np.tile(factors, 5)
        return tuple(_face(row) for row in suppress(rows))

    def _rows(self, rgb: Pixels) -> Rows:
        """Steps 1 to 4: detections (n, 15) as `decode` returns them, in pixels of `rgb`."""
        side = max(rgb.shape[:2])
        fine = min(MAX_ENLARGEMENT, FINE_PX / side)
        found = np.concatenate([self._at(rgb, fine), self._large(rgb, fine)])
        if len(found) == 0 and side > FINE_PX:
            found = self._at(rgb, min(1.0, FINEST_PX / side))
        if _best_score(found) < SURE:
            turned = (turned_back(self._at(np.rot90(rgb, k), fine), k, rgb.shape[:2]) for k in (1, 2, 3))
            found = max(found, *turned, key=_best_score)
        return found

    def levelled(self, rgb: Pixels, face: Face) -> Face:
        """The face with its landmarks detected again in a crop in which it is upright.

        Landmarks of tilted faces are inexact, so the crop is levelled up to three times. A face with a score of 0.9 or
        more, tilted by less than 12°, or found no better in the crop, stays unchanged.
        """
        best, points, roll = face, np.array(face.landmarks), face.pose.roll
        for _ in range(LOOKS if abs(roll) >= TILTED_DEGREES else 0):
            if best.score >= SURE or abs(roll) < LEVEL_DEGREES:
                break
            matrix = levelling(points, pose(points).roll)
            rows = suppress(self._at(crop(rgb, matrix), 1.0))
            if not len(rows):
                break
            found = _face(rows[0])
            points, roll = moved(np.array(found.landmarks), matrix), found.pose.roll
            if found.score > best.score:
                landmarks = tuple((float(x), float(y)) for x, y in points)
                best = replace(best, landmarks=landmarks, score=found.score, pose=pose(points))
        return best

    def _large(self, rgb: Pixels, fine: float) -> Rows:
        """Step 2: faces too large for step 1."""
        rows = self._at(rgb, COARSE_PX / max(rgb.shape[:2]), BORDER_PX)
        longer = np.maximum(rows[:, 2], rows[:, 3])
        return rows[longer * fine > LARGE_FACE_PX]

    def _at(self, rgb: Pixels, scale: float, border: int = 0) -> Rows:
        """Detections in the image scaled by `scale`, with its edge repeated over a border; in pixels of `rgb`."""
        height, width = (max(1, round(size * scale)) for size in rgb.shape[:2])
        small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        framed = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REPLICATE) if border else small
        planes = _planes(np.asarray(framed, np.uint8))
        outputs = self._model.run(input=planes)
        by_name = dict(zip(self._model.outputs, outputs, strict=True))
        rows = np.concatenate([decode(by_name, stride, planes.shape[3] // stride) for stride in STRIDES])
        factors = np.array([width / rgb.shape[1], height / rgb.shape[0]])
        rows[:, :2] = (rows[:, :2] - border) / factors
        rows[:, 2:4] /= factors
        rows[:, 5:] = (rows[:, 5:] - border) / np.tile(factors, 5)
        return rows


def _reduced(rgb: Pixels) -> Pixels:
    """The image that all sizes are made from: making each of six from 39 million pixels would take seconds."""
    height, width = rgb.shape[:2]
    times = max(height, width) // LOOKED_AT_PX
    if times < 2:
        return rgb
    size = (max(1, width // times), max(1, height // times))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def decode(outputs: dict[str, NDArray[np.float32]], stride: int, columns: int) -> Rows:
    """The detections of one stride above the score threshold.

    Args:
        outputs: YuNet's, by name.
        stride: px per cell.
        columns: cells per row.

    Returns:
        (n, 15): left, top, width, height, score, then x and y of 5 landmarks; px of the model's input.
    """
    squared = (outputs[f"cls_{stride}"] * outputs[f"obj_{stride}"])[0, :, 0]
    cells = np.flatnonzero(squared >= SCORE_THRESHOLD**2)
    score = np.sqrt(squared[cells].astype(np.float64))
    corner = np.stack([cells % columns, cells // columns], axis=1).astype(np.float64)
    box = outputs[f"bbox_{stride}"][0, cells].astype(np.float64)
    size = np.exp(box[:, 2:])
    landmarks = outputs[f"kps_{stride}"][0, cells].reshape(-1, 5, 2) + corner[:, None]
    parts = [(corner + box[:, :2] - size / 2) * stride, size * stride, score[:, None]]
    return np.concatenate([*parts, landmarks.reshape(-1, 10) * stride], axis=1)


def suppress(rows: Rows) -> Rows:
    """Rows by falling score, without those that overlap a better one by more than 0.3 (intersection over union)."""
    rows = rows[np.argsort(-rows[:, 4], kind="stable")]
    kept: list[int] = []
    for index in range(len(rows)):
        if not kept or np.max(_overlap(rows[index], rows[kept])) <= OVERLAP_THRESHOLD:
            kept.append(index)
    return rows[kept]


def _overlap(row: Rows, others: Rows) -> Rows:
    """Intersection over union of one box with others."""
    start = np.maximum(row[:2], others[:, :2])
    end = np.minimum(row[:2] + row[2:4], others[:, :2] + others[:, 2:4])
    shared = np.prod(np.clip(end - start, 0, None), axis=1)
    return np.asarray(shared / (np.prod(row[2:4]) + np.prod(others[:, 2:4], axis=1) - shared), np.float64)


def _best_score(rows: Rows) -> float:
    return float(rows[:, 4].max(initial=0.0))


def _face(row: Rows) -> Face:
    left, top, width, height, score = (float(value) for value in row[:5])
    points = row[5:].reshape(5, 2)
    landmarks = tuple((float(x), float(y)) for x, y in points)
    return Face((left, top, width, height), landmarks, score, pose(points))


def _planes(rgb: Pixels) -> NDArray[np.float32]:
    """YuNet's input: blue, green and red planes, padded with black to multiples of 32 px."""
    height, width = rgb.shape[:2]
    planes = np.zeros((1, 3, _padded(height), _padded(width)), np.float32)
    for plane, channel in zip(planes[0, ::-1], cv2.split(rgb), strict=True):
        plane[:height, :width] = channel
    return planes


def _padded(size: int) -> int:
    return -(-size // MULTIPLE_PX) * MULTIPLE_PX
