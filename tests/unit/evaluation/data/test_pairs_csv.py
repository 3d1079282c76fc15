"""Reading pairs.csv, and refusing faulty lines."""

from __future__ import annotations

import pytest

from biometrics.errors import FieldInvalid
from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from evaluation.data.pairs_csv import all_pairs, read_pairs
from tests.unit.evaluation.data.csv_beside_images import write


def test_all_pairs_are_mated_by_subject_and_comparable_position(tmp_path):
    """Two images of one eye are mated; one subject's left and right eye are not, but an unknown eye of theirs is."""
    path = write(
        tmp_path,
        "path,subject,position\na.png,s1,LEFT_EYE\nb.png,s1,RIGHT_EYE\nc.png,s1,UNKNOWN\nimages.csv,s2,LEFT_EYE\n",
    )
    pairs = all_pairs(read_images(path, Modality.IRIS))

    assert [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] == list(zip(pairs.probe, pairs.reference, strict=True))
    assert [False, True, False, True, False, False] == pairs.mated.tolist()


def test_pairs_are_mated_as_stated_or_else_by_subject(tmp_path):
    """A stated value is used; an empty one is derived from the subjects."""
    images = read_images(write(tmp_path, "path,subject,position\na.png,s1,\nb.png,s1,\nc.png,s2,\n"), Modality.FACE)
    pairs = read_pairs(
        write(tmp_path, "probe,reference,mated\na.png,b.png,\na.png,c.png,1\nb.png,a.png,0\n", "p.csv"), images
    )

    assert [(0, 1), (0, 2), (1, 0)] == list(zip(pairs.probe, pairs.reference, strict=True))
    assert [True, True, False] == pairs.mated.tolist()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("probe,mated\n", "p.csv line 1, reference: the column is missing"),
        ("probe,reference\n", "at least one pair"),
        ("probe,reference\na.png,d.png\n", "p.csv line 2, reference: d.png is not in images.csv"),
        (
            "probe,reference\na.png,b.png\na.png,a.png\n",
            "p.csv line 3, reference: an image is not compared with itself",
        ),
        ("probe,reference,mated\na.png,b.png,yes\n", "p.csv line 2, mated: yes is neither 0 nor 1"),
    ],
)
def test_faults_of_pairs_name_their_line(tmp_path, text, message):
    """Each faulty file is refused with the line and column that is wrong."""
    images = read_images(write(tmp_path, "path,subject,position\na.png,s1,\nb.png,s1,\n"), Modality.FACE)
    with pytest.raises(FieldInvalid, match=message):
        read_pairs(write(tmp_path, text, "p.csv"), images)
