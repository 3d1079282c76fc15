"""Chooses which of several faces is described, by the areas of their boxes.

1. The largest: a portrait's subject is nearest to the camera.
2. Of all faces with at least 0.7 of its area, which count as equally large, the most central one.
3. None, if a second one of these is as central: less than a tenth of the image's longer side farther from the centre.
4. Another face with more than 0.28 of the chosen one's area (0.53 of its width) is comparable in size: the intended
   subject may be that one (QualityReason.SEVERAL_FACES).

`python -m studies.capture.bystanders` counts how often each happens; reasons: docs/decisions/0018-several-faces.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biometrics.errors import AcquisitionFailed
from services.face.template.faces import Face

EQUAL_FROM = 0.7  # of the largest area. LFW View 1: the subject's is never under 0.75 of the largest
CENTRAL_BY = 0.1  # of the longer side. LFW View 1: of equally large faces, the subject is more central by 0.168 or more
COMPARABLE_FROM = 0.28  # of the chosen area: a quarter, plus how much boxes of one scene differ between image sizes
SIZES_TOLD = 10


def choose(faces: Sequence[Face], frame: tuple[int, int]) -> int:
    """Index of the face to describe.

    Args:
        faces: all detected faces.
        frame: height and width of the image.

    Raises:
        AcquisitionFailed: FACE_NOT_FOUND: there is none. FACES_AMBIGUOUS: two are equally large and central; the
            metadata has `face_count` and `face_sizes`, width×height in px of the ten largest.
    """
    if not faces:
        raise AcquisitionFailed(
            "No face was found. Send an image with one face, at least 40 px wide, seen from the front.",
            reason="FACE_NOT_FOUND",
        )
    least = EQUAL_FROM * max(face.area_px for face in faces)
    offsets = {index: _offset(face, frame) for index, face in enumerate(faces) if face.area_px >= least}
    nearest, *others = sorted(offsets, key=offsets.__getitem__)
    if others and offsets[others[0]] - offsets[nearest] < CENTRAL_BY:
        raise _ambiguous(faces)
    return nearest


def second_share(faces: Sequence[Face], chosen: int) -> float:
    """Area of the largest other face, as a share of the chosen one's; 0 without another, over 1 if it is larger."""
    others = (face.area_px for index, face in enumerate(faces) if index != chosen)
    return max(others, default=0.0) / faces[chosen].area_px


def _offset(face: Face, frame: tuple[int, int]) -> float:
    """Distance of the box's centre from the image's, as a share of the longer side."""
    height, width = frame
    x, y = face.centre
    return float(np.hypot(x - width / 2, y - height / 2)) / max(frame)


def _ambiguous(faces: Sequence[Face]) -> AcquisitionFailed:
    largest = sorted(faces, key=lambda face: face.area_px, reverse=True)[:SIZES_TOLD]
    sizes = ", ".join(f"{face.box[2]:.0f}×{face.box[3]:.0f}" for face in largest)
    return AcquisitionFailed(
        f"{len(faces)} faces were found ({sizes} px), two of them about equally large and central. Crop the image to "
        "the one subject.",
        reason="FACES_AMBIGUOUS",
        face_count=str(len(faces)),
        face_sizes=sizes,
    )
