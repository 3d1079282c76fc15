"""`python -m evaluation.datasets DATA_DIR --out DIR`: images.csv and pairs.csv for known research sets.

| folder under DATA_DIR | becomes | pairs |
|---|---|---|
| `fingerprint/fvc2002/DB{1..4}_B` | `fvc2002-db{1..4}b` | `pairs-fvc.csv`: the FVC protocol |
| `iris/casia-interval` | `casia-interval` | – |
| `face/lfw-devtest` | `lfw-devtest` | `pairs-devtest.csv`: the 1,000 pairs of View 1 |
| `LISTED`: a folder with an images.csv of its own | its name | – |

Images are never copied: paths are relative to each images.csv. Subjects are people wherever the set identifies them,
because the number of people limits which error rates can be claimed: `101_4` of `PEOPLE_OF_FINGERS` is person 101,
finger 4. Fingers are numbered as in ISO/IEC 19794-2; the positions serve only to tell which images are of one finger.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import click

from biometrics.errors import BiofusionError, FieldInvalid
from biometrics.template import FINGERS
from evaluation.data.csv_rows import read_rows

Row = tuple[object, ...]
FVC_DPI = {"DB1_B": 500, "DB2_B": 569, "DB3_B": 500, "DB4_B": 500}
EYES = {"L": "LEFT_EYE", "R": "RIGHT_EYE"}
PEOPLE_OF_FINGERS = ("fingerprint/uareu", "fingerprint/fcj2020-half")
LISTED = (*PEOPLE_OF_FINGERS, "fingerprint/fvc2006-db1a", "iris/iitd-060", "iris/casia-lamp15")


def write_all(data: Path, out: Path) -> list[Path]:
    """Write the CSV files of every set found under `data`.

    Returns:
        The images.csv files written.

    Raises:
        FieldInvalid: the folder contains none of the sets.
    """
    written = [_fvc(data / "fingerprint/fvc2002" / name, out, dpi) for name, dpi in FVC_DPI.items()]
    written += [_casia(data / "iris/casia-interval", out), _lfw(data / "face/lfw-devtest", out)]
    written += [_listed(data / name, out, has_people=name in PEOPLE_OF_FINGERS) for name in LISTED]
    found = [path for path in written if path]
    if not found:
        raise FieldInvalid("DATA_DIR", f"none of the known sets is under {data}.")
    return found


def _fvc(source: Path, out: Path, dpi: int) -> Path | None:
    """FVC2002, `finger_impression.tif`: each finger is taken as a subject."""
    folder = out / f"fvc2002-{source.name.lower().replace('_', '')}"
    files = sorted(source.glob("*.tif"), key=lambda file: tuple(map(int, file.stem.split("_"))))
    rows = [(_relative(file, folder), file.stem.split("_")[0], "UNKNOWN", dpi) for file in files]
    if rows:
        _write(folder / "pairs-fvc.csv", ("probe", "reference", "mated"), _fvc_pairs(rows))
    return _write_images(folder, rows, "resolution_dpi")


def _fvc_pairs(rows: Sequence[Row]) -> Iterable[Row]:
    """The FVC protocol: every two impressions of a finger; the first impressions of every two fingers."""
    yield from ((a[0], b[0], 1) for a, b in combinations(rows, 2) if a[1] == b[1])
    first = {row[1]: row for row in reversed(rows)}
    yield from ((a[0], b[0], 0) for a, b in combinations(sorted(first.values()), 2))


def _casia(source: Path, out: Path) -> Path | None:
    """CASIA-Iris-Interval: `subject/{L,R}/name.jpg`."""
    folder = out / "casia-interval"
    files = sorted(source.glob("[0-9]*/[LR]/*.jpg"))
    rows = [(_relative(file, folder), file.parts[-3], EYES[file.parts[-2]]) for file in files]
    return _write_images(folder, rows)


def _listed(source: Path, out: Path, *, has_people: bool) -> Path | None:
    """A set with an images.csv of its own."""
    if not (source / "images.csv").is_file():
        return None
    folder, rows = out / source.name, []
    for _, row in read_rows(source / "images.csv", ("path", "subject", "position")):
        subject, position = row["subject"], row["position"]
        if has_people:
            subject, _, finger = subject.partition("_")
            position = FINGERS[int(finger) - 1]
        rows.append((_relative(source / row["path"], folder), subject, position, row.get("resolution_dpi", "")))
    return _write_images(folder, rows, "resolution_dpi")


def _lfw(source: Path, out: Path) -> Path | None:
    """LFW: `images/Name/Name_0001.jpg`, and `pairsDevTest.txt`."""
    folder = out / "lfw-devtest"
    files = sorted(source.glob("images/*/*.jpg"))
    rows = [(_relative(file, folder), file.parent.name, "FACE") for file in files]
    if rows:
        lines = (source / "pairsDevTest.txt").read_text(encoding="utf-8").splitlines()[1:]
        pairs = [_lfw_pair(line.split("\t"), source / "images", folder) for line in lines]
        _write(folder / "pairs-devtest.csv", ("probe", "reference", "mated"), pairs)
    return _write_images(folder, rows)


def _lfw_pair(fields: Sequence[str], images: Path, folder: Path) -> Row:
    """Read a line of pairsDevTest.txt: `name a b` is two images of one person, `name a other b` of two people."""
    first, a, second, b = fields if len(fields) == 4 else (fields[0], fields[1], fields[0], fields[2])
    files = (images / name / f"{name}_{int(number):04d}.jpg" for name, number in ((first, a), (second, b)))
    return (*(_relative(file, folder) for file in files), int(first == second))


def _relative(file: Path, folder: Path) -> str:
    return Path(os.path.relpath(file.resolve(), folder.resolve())).as_posix()


def _write_images(folder: Path, rows: Sequence[Row], *extra: str) -> Path | None:
    if not rows:
        return None
    _write(folder / "images.csv", ("path", "subject", "position", *extra), rows)
    return folder / "images.csv"


def _write(path: Path, header: Row, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the CSV files.")
def main(data: Path, out: Path) -> None:
    """Write images.csv and pairs.csv for the research sets under DATA."""
    try:
        for path in write_all(data, out):
            click.echo(path)
    except BiofusionError as error:
        raise click.ClickException(error.message) from error


if __name__ == "__main__":
    main()
