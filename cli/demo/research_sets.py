"""Chimeric people from FVC2002, CASIA-Iris-Interval and LFW: 20 to enrol and 20 strangers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from cli.demo.cohort import Capture, Cohort, Member

COUNT = 20
FINGERS, EYES, FACES = "fingerprint/fvc2002", "iris/casia-interval", "face/lfw-devtest/images"
DATABASES = {"DB1_B": 500.0, "DB2_B": 569.0, "DB3_B": 500.0, "DB4_B": 500.0}
"""Resolution of each database, dpi."""

KNOWN_FINGERS, OTHER_FINGERS = range(101, 106), range(106, 111)
SIDES = {Position.RIGHT_EYE: "R", Position.LEFT_EYE: "L"}
NOTE = (
    "The people are chimeric: face (LFW), finger (FVC2002 DB1_B–DB4_B) and eyes (CASIA-Iris-Interval) are of different "
    "persons; the two eyes also, where CASIA has no two images of both. No source of a stranger is enrolled. The "
    "calibrations were tuned on these sets: the rates are no forecast for other data."
)

Source = tuple[Capture, ...]
"""One or two captures of one face, finger or eye: the reference, then the probe."""


def present(data: Path) -> bool:
    """Whether all three sets are under this directory."""
    return all((data / each).is_dir() for each in (FINGERS, EYES, FACES))


def read_research_sets(data: Path) -> Cohort:
    """Take the first 20 sources of each set as known people and the next 20 as strangers; always the same ones.

    Raises:
        FieldInvalid: a set has fewer than 20 sources with two images.
    """
    sets = {
        FACES: _faces(data / FACES),
        FINGERS: [*_fingers(data / FINGERS, KNOWN_FINGERS), *_fingers(data / FINGERS, OTHER_FINGERS)],
        **{f"{EYES} {side}": _eyes(data / EYES, position) for position, side in SIDES.items()},
    }
    for name, sources in sets.items():
        if len([source for source in sources[:COUNT] if len(source) == 2]) < COUNT:
            raise FieldInvalid("--data", f"{name} has fewer than {COUNT} people with two images each.")
    people = [[sources[n] for sources in sets.values() if n < len(sources)] for n in range(2 * COUNT)]
    known = (_known(f"person-{n:02d}", sources) for n, sources in enumerate(people[:COUNT], start=1))
    strangers = (_stranger(f"stranger-{n:02d}", sources) for n, sources in enumerate(people[COUNT:], start=1))
    return Cohort(tuple(known), tuple(strangers), NOTE)


def _known(subject_id: str, sources: Sequence[Source]) -> Member:
    return Member(subject_id, tuple(source[0] for source in sources), (tuple(source[1] for source in sources),))


def _stranger(subject_id: str, sources: Sequence[Source]) -> Member:
    return Member(subject_id, (), (tuple(source[-1] for source in sources),))


def _faces(folder: Path) -> list[Source]:
    """Everybody with two images, in order of name; `Name/Name_0001.jpg`."""
    files = (sorted(person.glob("*.jpg")) for person in sorted(folder.iterdir()))
    return [_source(found, Modality.FACE, Position.FACE) for found in files if len(found) >= 2][: 2 * COUNT]


def _fingers(folder: Path, numbers: range) -> list[Source]:
    """Impressions 1 and 2 of these fingers of every database, `finger_impression.tif`; finger positions are unknown."""
    return [
        _source(sorted((folder / database).glob(f"{number}_*.tif")), Modality.FINGERPRINT, Position.UNKNOWN, dpi)
        for database, dpi in DATABASES.items()
        for number in numbers
    ]


def _eyes(folder: Path, position: Position) -> list[Source]:
    """The eyes of one side, `subject/{L,R}/name.jpg`.

    First those of subjects with two images of both eyes, then those with two images of this eye, then those with one;
    each group in order of name.
    """
    ranked = []
    for person in sorted(folder.iterdir()):
        images = {place: sorted((person / side).glob("*.jpg")) for place, side in SIDES.items()}
        if images[position]:
            both = all(len(files) >= 2 for files in images.values())
            source = _source(images[position], Modality.IRIS, position)
            ranked.append(((not both, -len(source), person.name), source))
    return [source for _, source in sorted(ranked, key=lambda each: each[0])]


def _source(files: Sequence[Path], modality: Modality, position: Position, dpi: float | None = None) -> Source:
    return tuple(Capture(modality, position, path, dpi) for path in files[:2])
