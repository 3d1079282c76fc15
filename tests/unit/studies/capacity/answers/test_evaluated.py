"""Curves of evaluated sets."""

from __future__ import annotations

import gzip

import msgpack
import numpy as np
import pytest

from biometrics.errors import FieldInvalid
from studies.capacity.answers.curves import RANKS, SensorCurve, quantiles, read_curves, tail_of, write_curves
from studies.capacity.answers.evaluated import curves_of, normal_scores, position_rho
from studies.capacity.answers.outcomes import shipped
from studies.capacity.answers.people import FACE


def folder(tmp_path, comparator="face-cosine-2"):
    """An evaluated set of two people with two images each, and an image that was not acquired."""
    out = tmp_path / "made-up"
    out.mkdir()
    images = ["a1", "a2", "b1", "b2", "c1"]
    rows = [
        f"{name},{name[0]},FACE,{80.0 if name != 'c1' else ''},{'' if name != 'c1' else 'NO_FACE'}" for name in images
    ]
    (out / "samples.csv").write_text("\n".join(["path,subject,position,quality,failure", *rows]) + "\n")
    scores = {("a1", "a2"): 0.8, ("b1", "b2"): 0.7, ("a1", "b1"): 0.1, ("a1", "b2"): 0.0, ("a2", "b1"): 0.2}
    lines = [f"{one},{two},{int(one[0] == two[0])},{score}" for (one, two), score in scores.items()]
    lines.append("a1,c1,0,")
    with gzip.open(out / "scores.csv.gz", "wt") as file:
        file.write("\n".join([f"probe,reference,mated,{comparator}", *lines]) + "\n")
    with (out / "templates.msgpack").open("wb") as file:
        for name in images:
            template = bytes(512) if name != "c1" else b""
            file.write(
                msgpack.packb({"key": name, "template": template, "quality": 80.0, "failure": "", "seconds": 0.0})
            )
    return out


def test_a_curve(tmp_path):
    """The curve has the calibrated LLRs of all comparisons, each with both samples as the probe."""
    (found,) = curves_of([folder(tmp_path)])[FACE]
    calibration = shipped().calibrations["face-cosine-2"]
    mated, other = calibration.llr([0.8, 0.7], 80.0), calibration.llr([0.1, 0.0, 0.2], 80.0)

    assert ("made-up", 2, 4, 6) == (found.name, found.people, found.mated, found.non_mated)
    assert [min(mated), max(mated)] == pytest.approx([found.llrs[0], found.llrs[-1]])
    assert max(other) == pytest.approx(found.tail[0], abs=1e-4)
    assert (0.2, 512.0, None) == (found.left_out, found.template_bytes, found.position_rho)


def test_another_comparator_is_refused(tmp_path):
    """A set of a comparator that is not shipped is refused by name."""
    with pytest.raises(FieldInvalid, match="made-up"):
        curves_of([folder(tmp_path, "face-other-1")])


def test_correlation_of_positions():
    """Two positions of a person that are always alike correlate by 1, and unrelated ones by about 0."""
    random = np.random.default_rng(1)
    each, people = normal_scores(random.standard_normal(2000)), [f"p{number}" for number in range(2000)]
    alike = np.concatenate([each, each])
    apart = np.concatenate([each, normal_scores(random.standard_normal(2000))])
    positions = ["LEFT"] * 2000 + ["RIGHT"] * 2000

    assert 1.0 == pytest.approx(position_rho(alike, people * 2, positions), abs=0.01)
    assert 0.0 == pytest.approx(position_rho(apart, people * 2, positions), abs=0.06)
    assert position_rho(each, people, ["FACE"] * 2000) is None


def test_the_tail():
    """The LLR that a share of the non-mated comparisons reaches, and none if that is less than one of them."""
    llrs = np.arange(100_000.0)
    curve = SensorCurve("a", 1, 1, quantiles(llrs), llrs.size, tail_of(llrs), None, 0.0, 1.0)

    assert RANKS.size == len(curve.tail)
    assert 99_900.0 == pytest.approx(curve.tail_llr(1e-3), abs=20.0)
    assert np.isnan(curve.tail_llr(1e-6))


def test_curves_are_kept(tmp_path):
    """What is written is read again."""
    write_curves(read_curves(), tmp_path / "curves.json")

    assert read_curves() == read_curves(tmp_path / "curves.json")
