"""`biofusion evaluate`: images.csv → templates → scores.csv.gz → report.json, det.png, edc.png and groups.html."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from biometrics.comparison import Comparator
from biometrics.errors import ConfigurationInvalid, FieldInvalid
from biometrics.template import Template
from evaluation.data.images_csv import ImageRow, read_images
from evaluation.data.pairs_csv import Pairs, all_pairs, read_pairs
from evaluation.data.scores import write_scores
from evaluation.metrics.rejection import reject_curve
from evaluation.metrics.verification import error_curve
from evaluation.protocol.compare_set import compare_all, compare_listed
from evaluation.protocol.extract_set import extract_set
from evaluation.protocol.template_cache import Sample, sole_use
from evaluation.report.evaluation_report import Report, measure
from evaluation.report.groups.asked import NOTHING, Asked
from evaluation.report.groups.measured import check_columns
from evaluation.report.groups.page import groups_page
from evaluation.report.plots import check_installed, plot_det, plot_edc
from evaluation.report.sides import sides
from services.extraction import Extractor

TEMPLATES = "templates.msgpack"
Progress = Callable[[str, int, int], None]
"""Called with the stage (extract, compare, write, measure), the amount done and the amount in all."""


def run(
    images: Path,
    extractor: Extractor[Any],
    comparator: Comparator[Any],
    out: Path,
    *,
    pairs: Path | None,
    workers: int,
    progress: Progress,
    asked: Asked = NOTHING,
) -> Report:
    """Evaluate one extractor and comparator on a set of images.

    Writes into `out`: `templates.msgpack` (biometric data; makes the run resumable), `samples.csv`
    (path, subject, position, quality, failure), `scores.csv.gz`, `report.json`, `det.png`, `edc.png` and,
    if groups are asked for, `groups.html`.

    Args:
        images: images.csv.
        extractor: extractor of the images' modality.
        comparator: comparator of the extractor's model.
        out: output folder, made if it does not exist.
        pairs: pairs.csv, or None for every unordered pair.
        workers: threads.
        progress: see Progress.
        asked: what is asked about groups.

    Raises:
        FieldInvalid: a fault in images.csv or pairs.csv, with its line; or no mated, or no non-mated, comparison.
        ConfigurationInvalid: `out` cannot be written, another run writes into it, or matplotlib is not installed.
        TemplateModelMismatch: the comparator is of another model than the extractor.
    """
    check_installed()
    rows = read_images(images, extractor.modality, asked.columns)
    check_columns(rows, asked.columns)
    wanted = all_pairs(rows) if pairs is None else read_pairs(pairs, rows)
    _require_both(wanted, pairs or images)
    _make_folder(out)
    with sole_use(out / TEMPLATES):
        clock = _Clock(progress)
        samples = extract_set(rows, extractor, out / TEMPLATES, workers, clock.stage("extract"))
        write_samples(out / "samples.csv", rows, samples)
        templates = [_template(extractor, sample) for sample in samples]
        comparing = clock.stage("compare")
        if pairs is None:
            scores = compare_all(templates, comparator, workers, comparing)
        else:
            scores = compare_listed(wanted, templates, comparator, workers, comparing)
        names = [row.name for row in rows]
        write_scores(out / "scores.csv.gz", names, wanted, {comparator.comparator_id: scores}, clock.stage("write"))
        seconds = clock.stop() | {"extract_image": float(np.mean([sample.seconds for sample in samples]))}
        protocol = "all pairs" if pairs is None else pairs.name
        ids = (str(extractor.modality), extractor.model_id, comparator.comparator_id, protocol)
        progress("measure", 0, 1)
        report = measure(rows, samples, wanted, scores, ids=ids, seconds=seconds, asked=asked)
        (out / "report.json").write_text(report.to_json(), encoding="utf-8")
        mated, non_mated = sides(rows, wanted, scores)
        title = f"{ids[2]}, {protocol}"
        plot_det(out / "det.png", error_curve(mated.scores, non_mated.scores), title)
        plot_edc(out / "edc.png", reject_curve(samples, wanted, scores), title)
        if asked.columns:
            (out / "groups.html").write_text(_groups_page(report, title), encoding="utf-8")
        progress("measure", 1, 1)
        return report


def _groups_page(report: Report, title: str) -> str:
    facts = [
        ("Model, comparator", f"{report.model_id}, {report.comparator_id}"),
        ("Images, subjects", f"{report.images:,}, {report.subjects:,}"),
        ("Mated, non-mated", f"{report.mated:,}, {report.non_mated:,}"),
    ]
    return groups_page(report.groups, report.bounds, title=f"Error rates by group: {title}", facts=facts)


def _require_both(wanted: Pairs, source: Path) -> None:
    """Refuse, before any work, a set without mated or without non-mated comparisons: it gives no error rate."""
    for kind, there in (("mated", wanted.mated), ("non-mated", ~wanted.mated)):
        if not there.any():
            raise FieldInvalid(
                source.name,
                f"at least one {kind} comparison is needed: two images of "
                f"{'one subject and position' if kind == 'mated' else 'different subjects or positions'}.",
            )


def _template(extractor: Extractor[Any], sample: Sample) -> Template | None:
    return Template(extractor.modality, extractor.model_id, sample.template) if sample.template else None


def write_samples(path: Path, rows: Sequence[ImageRow], samples: Sequence[Sample]) -> None:
    """Write the result of extraction without templates: path, subject, position, quality, failure."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "subject", "position", "quality", "failure"))
        for row, sample in zip(rows, samples, strict=True):
            quality = "" if sample.failure else f"{sample.quality:.1f}"
            writer.writerow((row.name, row.subject, row.position, quality, sample.failure))


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationInvalid(f"{out} cannot be made a folder. Choose another --out.") from error
    if not os.access(out, os.W_OK):
        raise ConfigurationInvalid(f"{out} cannot be written. Choose another --out.")


class _Clock:
    """Measures the seconds spent in each of the consecutive stages."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._seconds: dict[str, float] = {}
        self._name, self._start = "", 0.0

    def stage(self, name: str) -> Callable[[int, int], None]:
        """End the previous stage, begin this one, and return its progress callback."""
        self.stop()
        self._name, self._start = name, time.perf_counter()
        return lambda done, total: self._progress(name, done, total)

    def stop(self) -> dict[str, float]:
        """End the current stage; returns seconds by stage."""
        if self._name:
            self._seconds[self._name] = round(time.perf_counter() - self._start, 3)
        self._name = ""
        return self._seconds
