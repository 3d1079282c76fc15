"""File names of captures: `right_index_1.png` → the right index finger, number 1."""

from __future__ import annotations

import re
from pathlib import Path

from biometrics.errors import FieldInvalid, InvalidInput
from biometrics.template import Modality, Position
from cli.demo.cohort import Capture
from infra.images.decode import decode

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".pgm", ".jp2", ".avif", ".heic")
PLACES = {
    "FACE": (Modality.FACE, Position.FACE),
    "FINGER": (Modality.FINGERPRINT, Position.UNKNOWN),
    "EYE": (Modality.IRIS, Position.UNKNOWN),
    **{
        each.value: (Modality.IRIS if each.value.endswith("_EYE") else Modality.FINGERPRINT, each)
        for each in Position
        if each not in (Position.FACE, Position.UNKNOWN)
    },
}
"""File name without its number, in upper case → modality and position."""

_NAME = re.compile(r"(?P<place>[A-Za-z_]+?)_?(?P<number>\d*)")


def is_image(path: Path) -> bool:
    """Whether the file name is that of an image; hidden files, which file managers leave behind, are not."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def capture_of(path: Path) -> tuple[int, Capture]:
    """The number in the file name, 0 if there is none, and the capture.

    Raises:
        FieldInvalid: the name says no position, or the file is no image.
    """
    name = _NAME.fullmatch(path.stem)
    if not name or name["place"].upper() not in PLACES:
        known = ", ".join(place.lower() for place in PLACES)
        raise FieldInvalid("--data", f"the name of {path} says no position. Begin it with one of: {known}.")
    try:
        decode(path.read_bytes())
    except (InvalidInput, OSError) as error:
        raise FieldInvalid("--data", f"{path} cannot be read: {error}") from error
    return int(name["number"] or 0), Capture(*PLACES[name["place"].upper()], path)
