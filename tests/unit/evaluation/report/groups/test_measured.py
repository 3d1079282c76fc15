"""Rates by the columns of images.csv, counted again by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from biometrics.template import Position
from evaluation.data.images_csv import ImageRow
from evaluation.data.pairs_csv import all_pairs
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.report.groups.asked import Asked
from evaluation.report.groups.measured import check_columns, measure_groups, operating_points

POINT = [(None, 0.5)]


def images(people=40, cameras=("c", "d")):
    """Two images of each person, one of each camera; people are of group a or b, every tenth of none."""
    groups = ["" if person % 10 == 9 else "ab"[person % 2] for person in range(people)]
    return [
        ImageRow(f"{person}-{camera}", Path(), f"s{person}", Position.FACE, None, (groups[person], camera))
        for person in range(people)
        for camera in cameras
    ]


@pytest.fixture
def compared():
    """Rows, pairs and scores, of which one in ten could not be made."""
    rows = images()
    pairs, random = all_pairs(rows), np.random.default_rng(1)
    scores = random.random(len(pairs)).astype(np.float32)
    scores[random.random(len(pairs)) < 0.1] = np.nan
    return rows, pairs, scores


def expected(compared, place, one, other, error):
    """Errors and comparisons of images of two groups."""
    rows, pairs, scores = compared
    errors = count = 0
    for probe, reference, mated, score in zip(pairs.probe, pairs.reference, pairs.mated, scores, strict=True):
        if {rows[probe].groups[place], rows[reference].groups[place]} != {one, other}:
            continue
        if error == "FNMR" and mated:
            errors, count = errors + (np.isnan(score) or score < 0.5), count + 1
        if error == "FMR" and not mated and not np.isnan(score):
            errors, count = errors + (score >= 0.5), count + 1
    return errors, count


def test_rates_within_and_between_groups_are_those_counted_by_hand(compared):
    """By people and by cameras: mated pairs not made are errors, non-mated ones are left out, as are images of none."""
    by_group, by_camera = measure_groups(*compared, ["group", "camera"], POINT)

    for place, found, pair in ((0, by_group, "ab"), (1, by_camera, "cd")):
        for each in found.within:
            counts = [(group.errors, group.count) for group in each.groups]
            assert [expected(compared, place, name, name, each.error) for name in pair] == counts
            assert sum(count for _, count in counts) == each.pooled.count if counts else True
        for each in found.between:
            assert [f"{pair[0]} – {pair[1]}"] == [group.group for group in each.groups]
            assert expected(compared, place, *pair, each.error) == (each.groups[0].errors, each.groups[0].count)
    assert ({"a": 40, "b": 32}, 8) == (by_group.images, by_group.not_stated)


def test_mated_comparisons_between_groups_exist_for_images_only(compared):
    """Nobody is of two groups, but everybody is before two cameras, and never twice before one."""
    by_group, by_camera = measure_groups(*compared, ["group", "camera"], POINT)

    assert ["FMR", "FNMR"] == [each.error for each in by_group.within]
    assert ["FMR"] == [each.error for each in by_group.between]
    assert ["FMR"] == [each.error for each in by_camera.within]
    assert ["FMR", "FNMR"] == [each.error for each in by_camera.between]


def test_operating_points_are_those_that_are_carried_and_those_stated():
    """Of 1,000 non-mated scores FMR 1e-2 has a threshold and 1e-3 none; thresholds are taken as they are."""
    scores = np.arange(1000.0)
    side = Comparisons(scores, np.zeros(1000, int), np.ones(1000, int))
    points = operating_points(side, Asked(("x",), (1e-3, 1e-2), (7.0,)))

    assert [(1e-2, np.nextafter(989.0, 1e9)), (None, 7.0)] == points


def test_a_column_must_state_groups():
    """A column of one value, or of a value for each image, is refused by name before any work."""
    check_columns(images(), ["group", "camera"])
    with pytest.raises(FieldInvalid, match="it has 1 values"):
        check_columns(images(cameras=("c",)), ["group", "camera"])
    many = [ImageRow(str(n), Path(), str(n), Position.FACE, None, (str(n),)) for n in range(31)]
    with pytest.raises(FieldInvalid, match=r"images.csv, path: it has 31 values; 2 to 30"):
        check_columns(many, ["path"])
