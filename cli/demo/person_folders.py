"""Reads a cohort from a directory with one folder per person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from cli.demo.capture_names import capture_of, is_image
from cli.demo.cohort import Capture, Cohort, Member
from gallery.subject import check_id

STRANGERS = "strangers"


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
        files = [each for each in person.iterdir() if is_image(each)]
        if files:
            yield person, _rounds(map(capture_of, files))


def _rounds(captures: Iterable[tuple[int, Capture]]) -> list[tuple[Capture, ...]]:
    """Group captures: the first one of every position, then the second ones, and so on."""
    by_position: dict[tuple[Modality, Position], list[Capture]] = defaultdict(list)
    for _, capture in sorted(captures, key=lambda numbered: (numbered[0], numbered[1].path.name)):
        by_position[capture.modality, capture.position].append(capture)
    most = max(map(len, by_position.values()))
    ordered = [by_position[key] for key in sorted(by_position)]
    return [tuple(each[index] for each in ordered if index < len(each)) for index in range(most)]
