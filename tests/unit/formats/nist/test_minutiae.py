"""Minutiae in Type-9: of INCITS 378, of the extended feature set, and of the fields before both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biometrics.errors import RecordMalformed
from biometrics.template import Position
from formats.contents import Impression, MinutiaeContent
from formats.nist.written import tagged
from formats.read import read
from tests.support.records.nist_files import minutiae_9, nist_file

ROWS = ["1 10 20 0 1 50", "2 30 40 45 2 0", "3 299 399 179 0 254"]


def one(*record) -> MinutiaeContent:
    """The minutiae of a file with one record."""
    (sample,) = read(nist_file(record)).samples
    assert isinstance(sample, MinutiaeContent)
    return sample


def type_9(*values: tuple[int, str]) -> tuple[int, bytes]:
    """A Type-9 with just these fields."""
    return 9, tagged(9, [(2, "01"), (3, "4"), (4, "U"), *values])


def test_fields_of_incits_378() -> None:
    """Angles are in units of 2°, kinds other, ending and bifurcation; a quality of 0 or above 100 is not known."""
    view = one(*minutiae_9(1, ROWS))
    assert (Position.LEFT_INDEX, (300, 400), (500.0, 500.0), 61.0, Impression.LIVE_PLAIN) == (
        view.position,
        view.size_px,
        view.resolution_dpi,
        view.quality,
        view.impression,
    )
    assert [10.0, 30.0, 299.0] == view.x.tolist()
    assert [20.0, 40.0, 399.0] == view.y.tolist()
    np.testing.assert_allclose(np.radians([0.0, 90.0, 358.0]), view.angle)
    assert [1, 2, 0] == view.kind.tolist()
    np.testing.assert_array_equal([0.5, np.nan, np.nan], view.confidence)


def test_a_view_without_minutiae() -> None:
    """No minutia at all is a sample too."""
    assert 0 == len(one(*minutiae_9(1, [], f136="0")))


def test_per_centimetre() -> None:
    """197 per centimetre are 500 dpi."""
    assert (500.0, 500.0) == one(*minutiae_9(1, ROWS, f130="2", f131="197", f132="197")).resolution_dpi


def test_the_extended_feature_set() -> None:
    """Coordinates in 0.01 mm are pixels of 2540 dpi; angles are in degrees."""
    view = one(
        *type_9(
            (300, "2540\x1f1270\x1f0\x1f0\x1f1,1-2,2"),
            (302, "8\x1fDST"),
            (331, "254\x1f127\x1f90\x1fE\x1e1\x1f2\x1f0\x1fX"),
        )
    )
    assert (Position.LEFT_MIDDLE, (2540, 1270), (2540.0, 2540.0)) == (view.position, view.size_px, view.resolution_dpi)
    assert ([254.0, 1.0], [127.0, 2.0], [1, 0]) == (view.x.tolist(), view.y.tolist(), view.kind.tolist())
    np.testing.assert_allclose([np.pi / 2, 0], view.angle)
    assert Impression.LATENT is view.impression


def test_the_fields_before_both() -> None:
    """Before 2007, y went upwards, and angles pointed away from the ridge."""
    rows = "1\x1f01000200090\x1f0\x1fA\x1e2\x1f03000700270\x1f0\x1fB\x1e3\x1f0300060027099\x1f0\x1fD"
    view = one(*type_9((6, "03"), (10, "3"), (12, rows)))
    assert (Position.RIGHT_MIDDLE, None, (2540.0, 2540.0)) == (view.position, view.size_px, view.resolution_dpi)
    assert ([100.0, 300.0, 300.0], [500.0, 0.0, 100.0]) == (view.x.tolist(), view.y.tolist())
    np.testing.assert_allclose(np.radians([270, 90, 90]), view.angle)
    assert [1, 2, 0] == view.kind.tolist()


def test_minutiae_of_a_vendor_are_named() -> None:
    """Minutiae in a vendor's own fields only are not read, and said to be there."""
    contents = read(nist_file(type_9((13, "secret"))))
    assert ((), 1) == (contents.samples, len(contents.unread))


@pytest.mark.parametrize(
    "record",
    [
        minutiae_9(1, ROWS, f136="4"),
        minutiae_9(1, ["1 10 20"]),
        minutiae_9(1, ["1 10 20 0 3 50"]),
        minutiae_9(1, ["1 -10 20 0 1 50"]),
        minutiae_9(1, ["1 10 20 360 1 50"]),
        minutiae_9(1, ROWS, f130="0"),
        minutiae_9(1, ROWS, f131=""),
        minutiae_9(1, ROWS, f128="wide"),
        minutiae_9(1, ["1 1 1 1 1 1"] * 1001),
        minutiae_9(1, ["1 000000001 1 1 1 1"] * 4000),
        minutiae_9(1, ["1 1234567890 1 1 1 1"]),
        type_9((331, "1\x1f2\x1f3")),
        type_9((12, "1\x1f0100020009\x1f0\x1fA")),
    ],
)
def test_fields_that_do_not_fit(record: tuple[int, bytes]) -> None:
    """Numbers that contradict each other, are out of range, or are none at all are errors."""
    with pytest.raises(RecordMalformed):
        read(nist_file(record))


@pytest.mark.data
def test_records_of_others(vectors: Path) -> None:
    """Reference files have as many minutiae as they say, of the fingers that they name."""
    efs = read((vectors / "an2" / "type9-efs.an2k").read_bytes()).samples
    assert [60, 35, 68, 37, 54, 48, 53, 59] == [len(view) for view in efs]
    assert 8 == len({view.position for view in efs})
    (old,) = read((vectors / "an2" / "type9.an2k").read_bytes()).samples
    assert (28, Impression.LATENT) == (len(old), old.impression)
    palm = read((vectors / "an2" / "valid1.15.an2").read_bytes())
    assert ((), 1) == (palm.samples, len(palm.unread))
