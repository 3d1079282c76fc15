"""The detected faces of an image: box, landmarks, pose, and which one the template describes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True, slots=True)
class Pose:
    """A head's pose in degrees; an estimate from 5 landmarks.

    Args:
        yaw: positive: the nose points to the right of the image.
        pitch: positive: the face looks up.
        roll: positive: the head is tilted clockwise in the image.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face. All lengths are pixels of the upright image as decoded; in a response, of the image sent.

    Args:
        box: left, top, width, height; may extend beyond the frame.
        landmarks: (x, y) of the subject's right eye, left eye, nose tip, right and left mouth corner.
        score: detection score, 0.6 (the threshold) to 1.
        pose: estimate of the head's pose.
    """

    box: tuple[float, float, float, float]
    landmarks: tuple[tuple[float, float], ...] = field(repr=False)
    score: float
    pose: Pose

    @property
    def inter_eye_px(self) -> float:
        """Distance between the centres of the eyes."""
        (x0, y0), (x1, y1) = self.landmarks[:2]
        return float(np.hypot(x1 - x0, y1 - y0))

    def scaled(self, factor: float) -> Face:
        """The face in the image enlarged by `factor`."""
        left, top, width, height = (factor * each for each in self.box)
        landmarks = tuple((factor * x, factor * y) for x, y in self.landmarks)
        return replace(self, box=(left, top, width, height), landmarks=landmarks)

    @property
    def area_px(self) -> float:
        """Area of the box."""
        return self.box[2] * self.box[3]

    @property
    def centre(self) -> tuple[float, float]:
        """Centre of the box, (x, y)."""
        left, top, width, height = self.box
        return left + width / 2, top + height / 2


@dataclass(frozen=True, slots=True)
class FaceDetails:
    """All faces of an image, and the one the template describes.

    Args:
        faces: highest detection score first, at least one.
        chosen: index into `faces`.
    """

    faces: tuple[Face, ...]
    chosen: int

    @property
    def face(self) -> Face:
        """The face that the template describes."""
        return self.faces[self.chosen]

    def scaled(self, factor: float) -> FaceDetails:
        """The faces in the image enlarged by `factor`."""
        return FaceDetails(tuple(face.scaled(factor) for face in self.faces), self.chosen)
