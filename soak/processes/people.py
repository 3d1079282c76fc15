"""Synthetic people with a face, a finger and an iris, whose ids and templates contain a mark to search for."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from benchmarks.face import synthetic_faces
from benchmarks.fingerprint import synthetic_fingers
from benchmarks.iris import synthetic_irises
from biometrics.sample import Sample
from biometrics.template import Position, Template
from services.face.template.features import DIMENSIONS
from services.face.template.features import pack as pack_face

ID_MARK = "Zq7xK9wVt2-"
FACE_MARK = np.array([0.0123, -0.0456, 0.0789, -0.0321], np.float32)
IRIS_MARK = np.array([0x9D3A5C71E2B4F608, 0x1F2E3D4C5B6A7988, 0xA5C3E1F00F1E3C5A], np.uint64)
FINGER_MARK = b"".join(
    struct.pack("<HHHBI", 131 + 4 * n, 273 + n, 19913 + 210 * n, 149 + n, 0x5E2F9C41 + 77 * n) for n in range(3)
)
MARKS = {
    "id": ID_MARK.encode(),
    "face": FACE_MARK.tobytes(),
    "finger": FINGER_MARK,
    "iris": IRIS_MARK.tobytes(),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A person to enrol.

    Args:
        subject_id: the id; it contains the mark if the person is marked.
        samples: a face, a finger and an iris, as templates.
    """

    subject_id: str
    samples: tuple[Sample, ...]


def people(count: int, seed: int, *, marked: bool) -> list[Person]:
    """Make `count` people; each seed gives other people."""
    faces = synthetic_faces.unit(count, seed)
    codes, masks = synthetic_irises.random_codes(count, seed)
    if marked:
        faces[:, 40:44] = 0
        sface = faces[:, :DIMENSIONS]
        sface *= np.sqrt(0.5 - (FACE_MARK**2).sum()) / np.linalg.norm(sface, axis=1, keepdims=True)
        faces[:, 40:44] = FACE_MARK
        codes[:, 100:103], masks[:, 100:103] = IRIS_MARK, ~np.uint64(0)
    made = []
    for number in range(count):
        finger = synthetic_fingers.finger(seed * 1_000_000 + number)
        templates = (
            (pack_face(faces[number]), Position.FACE),
            (_marked(finger) if marked else finger, Position.RIGHT_INDEX),
            (synthetic_irises.template(codes[number], masks[number]), Position.LEFT_EYE),
        )
        samples = tuple(Sample(template.modality, position, template) for template, position in templates)
        made.append(Person(f"{ID_MARK if marked else 'person-'}{seed}-{number}", samples))
    return made


def _marked(finger: Template) -> Template:
    """The print with three minutiae that form the mark in place of its last ones."""
    kept = finger.data[: -len(FINGER_MARK)]
    return Template(finger.modality, finger.model_id, kept + FINGER_MARK)
