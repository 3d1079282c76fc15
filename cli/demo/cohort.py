"""People built from a directory: the references to enrol and the probes to identify."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from biometrics.errors import FieldInvalid, InvalidInput
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position
from gallery.subject import check_id
from infra.images.decode import decode

STRANGERS = "strangers"
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


@dataclass(frozen=True, slots=True)
class Capture:
    """An image file that is sent as a sample.

    Args:
        modality: modality of the sample.
        position: position of the sample.
        path: path of the image.
        dpi: resolution to state, or None to state none.
    """

    modality: Modality
    position: Position
    path: Path
    dpi: float | None = None

    def sample(self) -> Sample:
        """Read the file."""
        return Sample(self.modality, self.position, EncodedImage(self.path.read_bytes(), self.dpi))


@dataclass(frozen=True, slots=True)
class Member:
    """One person of the cohort.

    Args:
        subject_id: opaque id.
        references: captures to enrol; empty for a stranger.
        probes: sets of captures; each set is identified on its own.
    """

    subject_id: str
    references: tuple[Capture, ...]
    probes: tuple[tuple[Capture, ...], ...]


@dataclass(frozen=True, slots=True)
class Cohort:
    """All people of a trial.

    Args:
        known: people who are enrolled.
        strangers: people who are not.
        note: remark for the reader on where the people come from.
    """

    known: tuple[Member, ...]
    strangers: tuple[Member, ...]
    note: str


def read_folders(folder: Path) -> Cohort:
    """Read one folder per person, with files named by position: `face_1.jpg`, `right_index_1.png`, `left_eye_2.jpg`.

    Of each position, the file with the lowest number is enrolled; the n-th file after it belongs to the n-th set of
    probes. People under `strangers/` are not enrolled; all their files are probes.

    Raises:
        FieldInvalid: there is no person, nobody to identify, a file name without a position, a file that is no image,
            or a folder whose name cannot be an id.
    """
    known = tuple(_known(person, rounds) for person, rounds in _people(folder))
    strangers = tuple(
        Member(f"stranger-{person.name}", (), tuple(rounds)) for person, rounds in _people(folder / STRANGERS)
    )
    if not known:
        raise FieldInvalid(
            "--data",
            f"{folder} has neither fingerprint/fvc2002, iris/casia-interval and face/lfw-devtest, nor a folder per "
            "person with files like face_1.jpg, right_index_1.png, left_eye_2.jpg.",
        )
    if not any(member.probes for member in (*known, *strangers)):
        raise FieldInvalid(
            "--data",
            f"{folder} has nobody to be identified: give somebody a second file of a position, e.g. face_2.jpg, or put "
            f"people under {STRANGERS}/.",
        )
    return Cohort(known, strangers, f"{len(known)} people and {len(strangers)} strangers, of one folder each.")


def _known(person: Path, rounds: Sequence[tuple[Capture, ...]]) -> Member:
    check_id(person.name, f"--data, the folder {person.name}")
    return Member(person.name, rounds[0], tuple(rounds[1:]))


def _people(folder: Path) -> Iterable[tuple[Path, list[tuple[Capture, ...]]]]:
    if not folder.is_dir():
        return
    for person in sorted(each for each in folder.iterdir() if each.is_dir() and each.name != STRANGERS):
        files = [each for each in person.iterdir() if _is_image(each)]
        if files:
            yield person, _rounds(map(_capture, files))


def _is_image(path: Path) -> bool:
    """Whether the file name is that of an image; hidden files, which file managers leave behind, are not."""
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def _rounds(captures: Iterable[tuple[int, Capture]]) -> list[tuple[Capture, ...]]:
    """Group captures: the first one of every position, then the second ones, and so on."""
    by_position: dict[tuple[Modality, Position], list[Capture]] = defaultdict(list)
    for _, capture in sorted(captures, key=lambda numbered: (numbered[0], numbered[1].path.name)):
        by_position[capture.modality, capture.position].append(capture)
    most = max(map(len, by_position.values()))
    ordered = [by_position[key] for key in sorted(by_position)]
    return [tuple(each[index] for each in ordered if index < len(each)) for index in range(most)]


def _capture(path: Path) -> tuple[int, Capture]:
    name = _NAME.fullmatch(path.stem)
    if not name or name["place"].upper() not in PLACES:
        known = ", ".join(place.lower() for place in PLACES)
        raise FieldInvalid("--data", f"the name of {path} says no position. Begin it with one of: {known}.")
    try:
        decode(path.read_bytes())
    except (InvalidInput, OSError) as error:
        raise FieldInvalid("--data", f"{path} cannot be read: {error}") from error
    return int(name["number"] or 0), Capture(*PLACES[name["place"].upper()], path)
