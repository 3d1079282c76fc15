"""The whole evaluation on 18 small images, one of which cannot be used."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from biometrics.errors import ConfigurationInvalid, FieldInvalid, TemplateModelMismatch
from evaluation.data.score_table_reader import read_score_table
from evaluation.evaluate import run
from evaluation.protocol.template_cache import sole_use
from evaluation.report import plots


@pytest.fixture
def result(images_csv, extractor, comparator, tmp_path):
    """Report, folder and progress of an evaluation of all pairs."""
    steps: list[tuple[str, int, int]] = []
    report = run(
        images_csv, extractor, comparator, tmp_path / "out", pairs=None, workers=2, progress=lambda *s: steps.append(s)
    )
    return report, tmp_path / "out", steps


def test_counts_tell_made_from_prevented_comparisons(result):
    """Of 18 mated pairs 2 have the black image, and of 135 non-mated pairs 15; these are counted as not made."""
    report, _, _ = result

    assert {"TOO_DARK": 1} == report.failures
    assert (18, 2, 120, 15) == (report.mated, report.mated_failed, report.non_mated, report.non_mated_failed)
    assert (18, 6, "all pairs") == (report.images, report.subjects, report.protocol)


def test_failures_to_acquire_are_errors_at_every_threshold(result):
    """Scores are separable, so FNMR at any FMR, and EER, are the 2/18 of the comparisons that were not made."""
    report, _, _ = result

    assert [None] * 4 == [point.fnmr for point in report.points]  # 120 non-mated comparisons are too few for FMR 1 %
    assert 2 / 18 == pytest.approx(report.eer.value)
    assert report.eer.interval.low <= report.eer.value <= report.eer.interval.high


def test_files_hold_what_the_report_says(result):
    """scores.csv.gz has every pair, samples.csv every image, report.json the report; the plots are images."""
    report, out, _ = result
    table = read_score_table(out / "scores.csv.gz")
    with (out / "samples.csv").open(encoding="utf-8") as file:
        samples = list(csv.DictReader(file))

    assert (153, 18, 17) == (len(table), len(table.names), int(np.isnan(table.column("difference-1")).sum()))
    assert ("0_0.png", "", "TOO_DARK") == (samples[0]["path"], samples[0]["quality"], samples[0]["failure"])
    assert ("0_1.png", "50.0", "") == (samples[1]["path"], samples[1]["quality"], samples[1]["failure"])
    assert report.eer.value == json.loads((out / "report.json").read_text())["eer"]["value"]
    with Image.open(out / "det.png") as det, Image.open(out / "edc.png") as edc:
        assert ((720, 720), (720, 540)) == (det.size, edc.size)


def test_progress_goes_through_the_stages(result):
    """The stages extract, compare, write and measure each end with everything done."""
    _, _, steps = result

    assert ["extract", "compare", "write", "measure"] == list(dict.fromkeys(stage for stage, _, _ in steps))
    assert {"extract": 18, "compare": 1, "write": 153, "measure": 1} == {
        stage: total for stage, done, total in steps if done == total
    }


def test_the_table_names_every_figure(result):
    """The table has counts, failures and rates, and says where there are too few non-mated comparisons."""
    table = dict(result[0].table())
    assert "1 TOO_DARK" == table["Failures to acquire"]
    assert "too few non-mated comparisons" == table["FNMR at FMR 1e-05"]
    assert "0.00%; 0.00% without the worst 1%" in table["FNMR by quality"]
    assert table["EER"].startswith(f"{result[0].eer.value:.3%} (")


def test_a_protocol_limits_the_pairs(images_csv, extractor, comparator, tmp_path):
    """With a pairs file only its pairs are compared, and the report names the file."""
    rows = ["1_0.png,1_1.png,1", "2_0.png,2_1.png,1", "1_0.png,2_0.png,0", "0_0.png,0_1.png,1"]
    (tmp_path / "pairs.csv").write_text("\n".join(["probe,reference,mated", *rows]), encoding="utf-8")
    report = run(
        images_csv,
        extractor,
        comparator,
        tmp_path / "out",
        pairs=tmp_path / "pairs.csv",
        workers=1,
        progress=lambda *_: None,
    )

    assert ("pairs.csv", 3, 1, 1) == (report.protocol, report.mated, report.mated_failed, report.non_mated)
    scores = read_score_table(tmp_path / "out/scores.csv.gz").column("difference-1")
    np.testing.assert_array_equal([-1.0, -1.0, -30.0, np.nan], scores)


def test_fnmr_is_given_with_enough_non_mated_comparisons(images_csv, extractor, comparator, tmp_path):
    """300 non-mated comparisons are enough for FMR 1 %, where 2 of 18 mated ones fail."""
    names = [f"{finger}_{sample}.png" for finger in range(6) for sample in range(3)]
    mated = [f"{a},{b}," for n, a in enumerate(names) for b in names[n + 1 :] if a[0] == b[0]]
    other = [f"{a},{b}," for a in names for b in names if a[0] != b[0] and "0_0.png" not in (a, b)] * 2
    (tmp_path / "pairs.csv").write_text("\n".join(["probe,reference,mated", *mated, *other]), encoding="utf-8")
    report = run(
        images_csv,
        extractor,
        comparator,
        tmp_path / "out",
        pairs=tmp_path / "pairs.csv",
        workers=1,
        progress=lambda *_: None,
    )

    assert 480 == report.non_mated
    assert 2 / 18 == pytest.approx(report.points[0].fnmr.value)
    assert report.points[0].fnmr.interval.low <= 2 / 18 <= report.points[0].fnmr.interval.high
    assert [None, None, None] == [point.threshold for point in report.points[1:]]


def test_one_kind_of_comparison_only_is_refused(images_csv, extractor, comparator, tmp_path):
    """A set in which no mated comparison can be made is refused."""
    (tmp_path / "pairs.csv").write_text("probe,reference\n1_0.png,2_0.png\n0_0.png,0_1.png\n", encoding="utf-8")
    with pytest.raises(FieldInvalid, match="at least one mated"):
        run(
            images_csv,
            extractor,
            comparator,
            tmp_path / "out",
            pairs=tmp_path / "pairs.csv",
            workers=1,
            progress=lambda *_: None,
        )


@pytest.mark.parametrize(
    ("kept", "message"), [(slice(3), "one non-mated comparison"), (slice(0, 18, 3), "one mated comparison")]
)
def test_a_set_of_one_kind_of_comparison_is_refused_before_any_work(
    images_csv, extractor, comparator, tmp_path, kept, message
):
    """A set of only one subject, or of one image each, is refused before anything is extracted."""
    header, *rows = images_csv.read_text(encoding="utf-8").splitlines()
    images_csv.write_text("\n".join([header, *rows[kept]]), encoding="utf-8")
    with pytest.raises(FieldInvalid, match=f"images.csv: at least {message}"):
        run(images_csv, extractor, comparator, tmp_path / "out", pairs=None, workers=1, progress=lambda *_: None)

    assert [] == extractor.calls


def test_when_no_image_can_be_used_the_reasons_are_pointed_to(images_csv, extractor, comparator, tmp_path):
    """With eighteen files that are no images the error points to samples.csv, which has the reason of each."""
    for path in tmp_path.glob("*.png"):
        path.write_bytes(b"no image")
    with pytest.raises(FieldInvalid, match=r"no template\. samples\.csv"):
        run(images_csv, extractor, comparator, tmp_path / "out", pairs=None, workers=1, progress=lambda *_: None)

    assert 18 == (tmp_path / "out/samples.csv").read_text(encoding="utf-8").count("IMAGE_UNDECODABLE")


def test_a_folder_that_another_run_writes_into_is_refused(images_csv, extractor, comparator, tmp_path):
    """A second run at the same time is refused, as it would overwrite the first's files; later runs are not."""
    out = tmp_path / "out"
    out.mkdir()
    with sole_use(out / "templates.msgpack"), pytest.raises(ConfigurationInvalid, match="Another run writes into"):
        run(images_csv, extractor, comparator, out, pairs=None, workers=1, progress=lambda *_: None)
    assert [] == extractor.calls

    run(images_csv, extractor, comparator, out, pairs=None, workers=1, progress=lambda *_: None)
    assert 18 == len(extractor.resolutions)


def test_a_comparator_of_another_model_is_refused(images_csv, extractor, comparator, tmp_path):
    """A comparator of another model than the extractor's is refused."""
    extractor.model_id = "brightness-2"
    with pytest.raises(TemplateModelMismatch):
        run(images_csv, extractor, comparator, tmp_path / "out", pairs=None, workers=1, progress=lambda *_: None)


def test_an_out_that_is_a_file_is_refused(images_csv, extractor, comparator):
    """An --out that is a file is refused before anything is extracted."""
    with pytest.raises(ConfigurationInvalid, match="another --out"):
        run(images_csv, extractor, comparator, images_csv, pairs=None, workers=1, progress=lambda *_: None)

    assert [] == extractor.calls


def test_without_matplotlib_the_extra_is_named_before_any_work(
    images_csv, extractor, comparator, tmp_path, monkeypatch
):
    """The error names the extra to install, and nothing is extracted."""
    monkeypatch.setattr(plots, "find_spec", lambda name: None if name == "matplotlib" else find_spec(name))
    with pytest.raises(ConfigurationInvalid, match=r"matplotlib.*biofusion\[evaluation\]"):
        run(images_csv, extractor, comparator, tmp_path / "out", pairs=None, workers=1, progress=lambda *_: None)

    assert [] == extractor.calls
