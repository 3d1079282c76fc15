"""The prints of a set, by finger: what the studies of captures read."""

from __future__ import annotations

from pathlib import Path

from biometrics.template import Modality
from evaluation.data.images_csv import ImageRow, read_images
from infra.images.decode import Image, decode

Finger = tuple[str, str]
"""Subject and position."""


def finger_of(row: ImageRow) -> Finger:
    """Whose print a line of images.csv names."""
    return row.subject, str(row.position)


def print_rows(path: Path, every: int) -> list[ImageRow]:
    """The lines of every n-th finger of an images.csv, in its order. Raises as `read_images`."""
    rows = read_images(path, Modality.FINGERPRINT)
    chosen = set(sorted({finger_of(row) for row in rows})[::every])
    return [row for row in rows if finger_of(row) in chosen]


def image_of(row: ImageRow) -> Image:
    """The image of a line, with the resolution that it states."""
    return decode(row.path.read_bytes()).stated(row.resolution_dpi)
