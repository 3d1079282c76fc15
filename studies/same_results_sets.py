"""Input of `same_results.py`: images of several sensors, chimeric people, and simulated scores."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

FVC, INTERVAL, LFW = "fingerprint/fvc2002", "iris/casia-interval", "face/lfw-devtest/images"
LISTED = {"fingerprint": ("uareu", "fcj2020-half", "fvc2006-db1a"), "iris": ("iitd-060", "casia-lamp15")}
DPI = {"DB1_B": "500", "DB2_B": "569", "DB3_B": "500", "DB4_B": "500"}
"""The sets; those in LISTED come with an images.csv."""

FINGERS, EYES, PEOPLE = 4, 8, 32
IMAGES_OF_EACH = 3
IMAGES_OF_A_SET = 20
"""Sources taken from a set, images taken of each, and images taken from a set that comes with an images.csv."""

IMAGE_COLUMNS = ("path", "subject", "position", "resolution_dpi")
MADE_UP = ("face-a", "finger-b", "iris-c")
SEPARATION, MISSING = np.array([4.0, 3.0, 5.0]), 0.15
"""Simulated comparators: the distance of mated from non-mated scores, and the share of missing scores."""

Row = tuple[str, str, str, str]


def sets(data: Path) -> dict[str, list[Row]]:
    """Rows of images.csv by modality: the first images of every set, with paths relative to the data folder."""
    return {
        "face": list(_faces(data)),
        "fingerprint": [*_fvc(), *_listed(data, "fingerprint")],
        "iris": [*_eyes(data), *_listed(data, "iris")],
    }


def _faces(data: Path) -> Iterator[Row]:
    several = [files for person in sorted((data / LFW).iterdir()) if len(files := sorted(person.iterdir())) > 1]
    for files in several[:PEOPLE]:
        for path in files[:IMAGES_OF_EACH]:
            yield str(path.relative_to(data)), path.parent.name, "FACE", ""


def _fvc() -> Iterator[Row]:
    for base, dpi in DPI.items():
        for finger in range(101, 101 + FINGERS):
            for impression in range(1, 1 + IMAGES_OF_EACH):
                yield f"{FVC}/{base}/{finger}_{impression}.tif", f"{base}-{finger}", "UNKNOWN", dpi


def _eyes(data: Path) -> Iterator[Row]:
    several = [files for eye in sorted((data / INTERVAL).glob("*/*")) if len(files := sorted(eye.iterdir())) > 2]
    for files in several[:EYES]:
        for path in files[:IMAGES_OF_EACH]:
            side = {"L": "LEFT_EYE", "R": "RIGHT_EYE"}[path.parent.name]
            yield str(path.relative_to(data)), f"interval-{path.parents[1].name}", side, ""


def _listed(data: Path, modality: str) -> Iterator[Row]:
    for name in LISTED[modality]:
        folder = f"{modality}/{name}"
        with (data / folder / "images.csv").open(newline="", encoding="utf-8") as file:
            for row in list(csv.DictReader(file))[:IMAGES_OF_A_SET]:
                dpi = row.get("resolution_dpi", "")
                yield f"{folder}/{row['path']}", f"{name}-{row['subject']}", row["position"], dpi


def chimeric(found: dict[str, list[Row]], count: int) -> list[tuple[list[str], list[str]]]:
    """Command-line options that enrol, and that identify, chimeric people of one face, one finger and one eye."""
    by_source = {modality: _by_source(rows) for modality, rows in found.items()}
    people = zip(*(by_source[modality] for modality in ("face", "fingerprint", "iris")), strict=False)
    return [(_options([each[0] for each in one]), _options([each[1] for each in one])) for one in list(people)[:count]]


def _by_source(rows: Sequence[Row]) -> list[list[Row]]:
    sources: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        sources.setdefault(row[1:3], []).append(row)
    return [source for source in sources.values() if len(source) > 1]


def _options(rows: Sequence[Row]) -> list[str]:
    (face, *_), (finger, _, _, dpi), (eye, _, side, _) = rows
    return ["--face", face, "--finger", f"{finger}@{dpi}", "--eye", f"{side}={eye}"]


def made_up_scores(path: Path, seed: int, people: int) -> None:
    """Write a table of scores for `biofusion fusion fit`: two captures of each person, every first with every second.

    Scores are normal, of three comparators; some are missing, and they depend on their qualities.
    """
    random = np.random.default_rng(seed)
    rows = []
    for probe in range(people):
        for reference in range(people):
            mated = probe == reference
            quality = random.uniform(5, 95, 3)
            scores = random.normal(0.0, 1.0, 3) + SEPARATION * mated * (0.4 + quality / 150)
            cells = ["" if random.random() < MISSING else f"{score:.5f}" for score in scores]
            qualities = [f"{each:.1f}" for each in quality]
            rows.append((f"p{probe}", f"r{reference}", int(mated), *cells, *qualities, f"group-{probe % 2}"))
    qualities = [f"{name}.quality" for name in MADE_UP]
    write_csv(path, ("probe", "reference", "mated", *MADE_UP, *qualities, "group"), rows)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
