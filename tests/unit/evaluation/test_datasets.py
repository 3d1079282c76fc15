"""CSV files for the research sets, from folders of the same layout made by the tests."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from biometrics.errors import FieldInvalid
from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from evaluation.data.pairs_csv import read_pairs
from evaluation.datasets import main, write_all


def touch(root: Path, *names: str) -> None:
    """Make empty files."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


@pytest.fixture
def data(tmp_path):
    """Three fingers with two impressions in DB1 and DB2, one iris subject, two faces."""
    fingers = [f"{finger}_{n}.tif" for finger in (101, 102, 110) for n in (1, 2)]
    touch(tmp_path / "data/fingerprint/fvc2002/DB1_B", *fingers, "101_1.iso")
    touch(tmp_path / "data/fingerprint/fvc2002/DB2_B", *fingers)
    touch(tmp_path / "data/iris/casia-interval", "001/L/S1001L01.jpg", "001/R/S1001R01.jpg")
    touch(tmp_path / "data/face/lfw-devtest/images", "A_B/A_B_0001.jpg", "A_B/A_B_0012.jpg", "C_D/C_D_0001.jpg")
    pairs = "1\nA_B\t1\t12\nA_B\t12\tC_D\t1\n"
    (tmp_path / "data/face/lfw-devtest/pairsDevTest.txt").write_text(pairs, encoding="utf-8")
    return tmp_path / "data"


def test_every_set_found_is_written_and_can_be_read(data, tmp_path):
    """Subjects, positions and resolutions follow the folder layout, and the paths exist."""
    written = write_all(data, tmp_path / "out")

    assert ["fvc2002-db1b", "fvc2002-db2b", "casia-interval", "lfw-devtest"] == [path.parent.name for path in written]
    db2, eyes, faces = (
        read_images(path, modality)
        for path, modality in zip(written[1:], (Modality.FINGERPRINT, Modality.IRIS, Modality.FACE), strict=True)
    )
    assert [("101", 569.0), ("110", 569.0)] == [(row.subject, row.resolution_dpi) for row in (db2[0], db2[5])]
    assert [("001", "LEFT_EYE"), ("001", "RIGHT_EYE")] == [(row.subject, row.position) for row in eyes]
    assert ["A_B", "A_B", "C_D"] == [row.subject for row in faces]


def test_sets_with_a_list_of_their_own_are_taken_from_it(data, tmp_path):
    """`012_7` is finger 7 of person 012 where the set identifies people; eyes keep their subject; the paths exist."""
    listed = {
        "fingerprint/uareu": "a.png,012_7,UNKNOWN,500\nb.png,012_10,UNKNOWN,500",
        "iris/iitd-060": "001/a.png,001,LEFT_EYE,\n001/b.png,001,RIGHT_EYE,",
    }
    for name, rows in listed.items():
        touch(data / name, *(row.split(",")[0] for row in rows.splitlines()))
        (data / name / "images.csv").write_text(f"path,subject,position,resolution_dpi\n{rows}\n", encoding="utf-8")
    written = {path.parent.name: path for path in write_all(data, tmp_path / "out")}
    fingers = read_images(written["uareu"], Modality.FINGERPRINT)
    eyes = read_images(written["iitd-060"], Modality.IRIS)

    assert [("012", "LEFT_INDEX", 500.0), ("012", "LEFT_LITTLE", 500.0)] == [
        (row.subject, row.position, row.resolution_dpi) for row in fingers
    ]
    assert [("001", "LEFT_EYE", None), ("001", "RIGHT_EYE", None)] == [
        (row.subject, row.position, row.resolution_dpi) for row in eyes
    ]
    assert all(row.path.is_file() for row in (*fingers, *eyes))


def test_the_fvc_protocol_compares_all_mated_and_first_impressions(data, tmp_path):
    """Three fingers with two impressions give one mated pair each and three non-mated pairs, none twice."""
    images = write_all(data, tmp_path / "out")[0]
    pairs = read_pairs(images.with_name("pairs-fvc.csv"), read_images(images, Modality.FINGERPRINT))

    assert [(0, 1), (2, 3), (4, 5)] == list(zip(pairs.probe[pairs.mated], pairs.reference[pairs.mated], strict=True))
    assert [(0, 2), (0, 4), (2, 4)] == list(zip(pairs.probe[~pairs.mated], pairs.reference[~pairs.mated], strict=True))


def test_lfw_pairs_are_read_from_the_list(data, tmp_path):
    """Lines of three fields are two images of one person, lines of four images of two people."""
    images = write_all(data, tmp_path / "out")[-1]
    pairs = read_pairs(images.with_name("pairs-devtest.csv"), read_images(images, Modality.FACE))

    assert [(0, 1, True), (1, 2, False)] == list(zip(pairs.probe, pairs.reference, pairs.mated, strict=True))


def test_nothing_to_write_is_an_error(tmp_path):
    """A folder without any of the sets is named in the error."""
    with pytest.raises(FieldInvalid, match="none of the known sets"):
        write_all(tmp_path, tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_the_command_prints_what_it_wrote(data, tmp_path):
    """The command prints one line per images.csv; a fault gives a sentence and a non-zero exit code."""
    good = CliRunner().invoke(main, [str(data), "--out", str(tmp_path / "out")])
    bad = CliRunner().invoke(main, [str(tmp_path / "out"), "--out", str(tmp_path / "more")])

    assert (0, 4) == (good.exit_code, len(good.output.splitlines()))
    assert 0 != bad.exit_code
    assert "none of the known sets" in bad.output


@pytest.mark.data
def test_the_shared_sets_have_their_documented_sizes(shared_data, tmp_path):
    """FVC2002 B: 80 images a set and 325 protocol pairs; LFW devtest: 963 people and 1,000 pairs; 60 iris subjects."""
    folders = {path.parent.name: path for path in write_all(shared_data, tmp_path)}

    def count(path: Path, column: str) -> tuple[int, int]:
        with path.open(encoding="utf-8") as file:
            values = [row[column] for row in csv.DictReader(file)]
        return len(values), len(set(values))

    for number in range(1, 5):
        folder = folders[f"fvc2002-db{number}b"]
        assert (80, 10) == count(folder, "subject")
        assert (325, 2) == count(folder.with_name("pairs-fvc.csv"), "mated")
    assert 963 == count(folders["lfw-devtest"], "subject")[1]
    assert 1000 == count(folders["lfw-devtest"].with_name("pairs-devtest.csv"), "mated")[0]
    assert 60 == count(folders["casia-interval"], "subject")[1]
    assert [(520, 7), (600, 25), (560, 140)] == [
        count(folders[name], "subject") for name in ("uareu", "fcj2020-half", "fvc2006-db1a")
    ]
    assert [(586, 59), (600, 15)] == [count(folders[name], "subject") for name in ("iitd-060", "casia-lamp15")]
