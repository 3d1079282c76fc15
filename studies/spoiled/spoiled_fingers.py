"""`python -m studies.spoiled.spoiled_fingers IMAGES.csv…`: extraction and matching of prints spoiled in known ways."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from biometrics.quality import Quality, QualityReason
from biometrics.template import Modality
from infra.images.decode import Image
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extraction.resolution import resize
from services.fingerprint.extractor import FingerprintExtractor
from studies.spoiled.spoiling import AS_IT_IS, Gray, Study, spoiling_command

MATCH = 1.0  # 2.6 times the score at FMR 1e-3 on FVC2002


def spoilings(image: Image, other: Image) -> dict[str, Image]:
    """Each way to spoil a fingerprint, by name, and the image it gives.

    Args:
        image: an image of one finger.
        other: an image of another finger, at the same resolution.
    """
    gray = image.gray
    spoiled = {
        AS_IT_IS: gray,
        "inverted": 255 - gray,
        "half the size": resize(gray, 0.5),
        "twice the size": resize(gray, 2.0),
        "turned by 180°": gray[::-1, ::-1],
        "mirrored": gray[:, ::-1],
        "two, touching": _side_by_side(gray, other.gray, 0),
        "two, 48 px apart": _side_by_side(gray, other.gray, 48),
        "smeared band of 40 px": _smeared(gray, 40),
        "blank": np.full_like(gray, round(float(np.median(gray[0])))),
    }
    return {name: Image(np.ascontiguousarray(each), image.resolution_dpi) for name, each in spoiled.items()}


def _side_by_side(gray: Gray, other: Gray, gap_px: int) -> Gray:
    height = max(gray.shape[0], other.shape[0])
    ground = int(np.median(gray[0]))
    parts = [
        np.pad(each, ((0, height - each.shape[0]), (0, 0)), constant_values=int(np.median(each[0])))
        for each in (gray, other)
    ]
    return np.hstack([parts[0], np.full((height, gap_px), ground, np.uint8), parts[1]])


def _smeared(gray: Gray, width_px: int) -> Gray:
    """The ridges are removed in a vertical band through the middle."""
    spoiled, start = gray.copy(), (gray.shape[1] - width_px) // 2
    band = slice(start, start + width_px)
    spoiled[:, band] = cv2.GaussianBlur(gray, (0, 0), 12.0)[:, band]
    return spoiled


def notes(quality: Quality) -> Iterable[str]:
    """Whether ridges were read as light on dark, and whether the print seems upside down."""
    if quality.measures["inverted"]:
        yield "inverted"
    if QualityReason.OFF_POSE in quality.reasons:
        yield str(QualityReason.OFF_POSE)


STUDY = Study(Modality.FINGERPRINT, spoilings, MATCH, notes)
main = spoiling_command(STUDY, FingerprintExtractor.load, FingerprintComparator())

if __name__ == "__main__":
    main()
