"""Detected faces of an image, and the packed form of a face template.

Template layout: the 128 numbers of a unit vector, little-endian float32, 512 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed
from biometrics.template import Modality, Template

MODEL_ID = "face-sface-2021dec-1"
DIMENSIONS = 128
NORM_TOLERANCE = 1e-3

Embeddings = NDArray[np.float32]


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


def pack(embedding: Embeddings) -> Template:
    """Pack a unit vector of shape (128,)."""
    return Template(Modality.FACE, MODEL_ID, embedding.astype("<f4").tobytes())


def unpack(templates: Sequence[Template]) -> Embeddings:
    """Unpack templates into unit vectors, float32 (templates, 128).

    Raises:
        TemplateMalformed: another modality, not 512 bytes, NaN or infinity, not of length 1.
        TemplateModelMismatch: a template of another model.
    """
    for template in templates:
        template.require(Modality.FACE, MODEL_ID)
        if len(template.data) != DIMENSIONS * 4:
            raise TemplateMalformed(f"A face template has {DIMENSIONS * 4} bytes, this one has {len(template.data)}.")
    packed = b"".join([template.data for template in templates])
    vectors = np.frombuffer(packed, "<f4").reshape(-1, DIMENSIONS).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not np.all(np.abs(lengths - 1.0) <= NORM_TOLERANCE):
        raise TemplateMalformed("The face template is not a unit vector of finite numbers. Extract it again.")
    return vectors
