"""Reading images.csv, and refusing faulty lines."""

from __future__ import annotations

import pytest

from biometrics.errors import FieldInvalid
from biometrics.template import Modality, Position
from evaluation.data.images_csv import read_images
from tests.unit.evaluation.data.csv_beside_images import write


def test_images_are_read_relative_to_the_csv(tmp_path):
    """Column order is free, other columns and a byte order mark are ignored, an empty resolution means none."""
    path = write(
        tmp_path, "\ufeffsubject,path,position,colour,resolution_dpi\ns1,a.png,LEFT_EYE,x,\ns2, b.png ,,y,569\n\n"
    )
    first, second = read_images(path, Modality.IRIS)

    assert ("a.png", tmp_path / "a.png", "s1", Position.LEFT_EYE, None) == (
        first.name,
        first.path,
        first.subject,
        first.position,
        first.resolution_dpi,
    )
    assert ("b.png", Position.UNKNOWN, 569.0) == (second.name, second.position, second.resolution_dpi)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "images.csv line 1, path: the column is missing"),
        ("path,position\na.png,FACE\n", "images.csv line 1, subject: the column is missing"),
        ("path,subject,position\na.png,s1,FACE\nd.png,s1,FACE\n", "images.csv line 3, path: there is no file d.png"),
        ("path,subject,position\na.png,s1,FACE\n,s1,FACE\n", "images.csv line 3, path"),
        (
            "path,subject,position\na.png,s1,FACE\na.png,s1,FACE\n",
            "images.csv line 3, path: a.png stands on an earlier",
        ),
        (
            "path,subject,position\na.png,s1,FACE\n./a.png,s2,FACE\n",
            "images.csv line 3, path: ./a.png stands on an earlier line already, as a.png",
        ),
        ("path;subject;position\na.png;s1;FACE\n", "values are separated by commas"),
        ("path,subject,position\na.png,,FACE\n", "images.csv line 2, subject: it is empty"),
        ("path,subject,position\na.png,s1,NOSE\n", "images.csv line 2, position: NOSE is no position of FACE"),
        ("path,subject,position\na.png,s1,LEFT_EYE\n", "images.csv line 2, position: LEFT_EYE is no position of FACE"),
        ("path,subject,position\na.png,s1\n", "images.csv line 2: 2 values under 3 columns"),
        ("path,subject,position\na.png,s1,FACE\n", "at least two images"),
        ('path,subject,position\n"a.png,s1,FACE\n', "cannot be read as CSV"),
        ("path,subject,position,resolution_dpi\na.png,s1,FACE,fine\n", "line 2, resolution_dpi: fine is no positive"),
        ("path,subject,position,resolution_dpi\na.png,s1,FACE,-5\n", "line 2, resolution_dpi: -5 is no positive"),
        ("path,subject,position,resolution_dpi\na.png,s1,FACE,nan\n", "line 2, resolution_dpi: nan is no positive"),
    ],
)
def test_faults_of_images_name_their_line(tmp_path, text, message):
    """Each faulty file is refused with the line and column that is wrong."""
    with pytest.raises(FieldInvalid, match=message.replace("|", r"\|")):
        read_images(write(tmp_path, text), Modality.FACE)


def test_a_missing_or_binary_file_is_refused(tmp_path):
    """A path that does not exist and bytes that are no text cannot be read."""
    (tmp_path / "images.csv").write_bytes(b"\xff\xfe\x00\x80")
    for name in ("images.csv", "nothing.csv"):
        with pytest.raises(FieldInvalid, match="cannot be read"):
            read_images(tmp_path / name, Modality.FACE)
