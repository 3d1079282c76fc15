"""The report of a verification test: counts, failures, error rates with intervals (ISO/IEC 19795-1)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluation.data.images_csv import ImageRow
from evaluation.data.pairs_csv import Pairs
from evaluation.metrics.cllr import min_cllr
from evaluation.metrics.det_band import error_band
from evaluation.metrics.intervals import LEVEL, Interval
from evaluation.metrics.rejection import Rejection, reject_curve, summary
from evaluation.metrics.shared_subjects import Comparisons
from evaluation.metrics.verification import carries, equal_error_rate, error_curve, fnmr_at, threshold_at_fmr
from evaluation.protocol.template_cache import Sample
from evaluation.report.findings.all_findings import plain
from evaluation.report.groups.asked import NOTHING, Asked
from evaluation.report.groups.bounds import Verdict, judged
from evaluation.report.groups.lines import lines
from evaluation.report.groups.measured import Grouped, measure_groups, operating_points
from evaluation.report.sides import sides

FMR_TARGETS = (1e-2, 1e-3, 1e-4, 1e-5)


@dataclass(frozen=True, slots=True)
class Rate:
    """A measured rate (0–1) with its confidence interval."""

    value: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """FNMR at an FMR target, and the threshold that keeps it; both None with too few non-mated comparisons."""

    fmr: float
    threshold: float | None
    fnmr: Rate | None


@dataclass(frozen=True, slots=True)
class Report:
    """Report of one comparator on one set of images.

    Args:
        modality: modality of the images.
        model_id: model that extracted the templates.
        comparator_id: comparator that compared them.
        protocol: "all pairs", or the name of the pairs file.
        images: number of images in images.csv.
        subjects: number of subjects in images.csv.
        failures: number of images without a template, by reason.
        mated: number of mated comparisons, including those that a failure to acquire prevented.
        mated_failed: number of mated comparisons prevented; they are non-matches at every threshold.
        non_mated: number of non-mated comparisons made.
        non_mated_failed: number of non-mated comparisons prevented; they are in no rate.
        eer: equal error rate, interpolated linearly between neighbouring thresholds.
        points: FNMR at each FMR target.
        min_cllr: minCllr in bits, 0–1.
        rejection: the FNMR when the samples of lowest quality are rejected.
        intervals: the method of the confidence intervals.
        groups: the rates by the groups of each column that was asked for.
        bounds: whether ratios of these rates keep the bounds that were stated.
        seconds: seconds of this run by stage; "extract_image" is per image and thread and includes earlier runs.
    """

    modality: str
    model_id: str
    comparator_id: str
    protocol: str
    images: int
    subjects: int
    failures: Mapping[str, int]
    mated: int
    mated_failed: int
    non_mated: int
    non_mated_failed: int
    eer: Rate
    points: tuple[OperatingPoint, ...]
    min_cllr: float
    rejection: Rejection
    intervals: str
    seconds: Mapping[str, float]
    groups: tuple[Grouped, ...] = ()
    bounds: tuple[Verdict, ...] = ()

    def to_json(self) -> str:
        """The report as indented JSON; a limit that is infinite is null."""
        groups = plain(self.groups)
        return json.dumps(asdict(replace(self, groups=())) | {"groups": groups}, indent=2, ensure_ascii=False) + "\n"

    def table(self) -> list[tuple[str, str]]:
        """The report as lines of name and value, for printing."""
        points = [(f"FNMR at FMR {p.fmr:g}", _percent(p.fnmr)) for p in self.points]
        return [
            ("Model, comparator", f"{self.model_id}, {self.comparator_id}"),
            ("Images, subjects", f"{self.images}, {self.subjects}"),
            ("Failures to acquire", ", ".join(f"{n} {r}" for r, n in self.failures.items()) or "0"),
            ("Protocol", self.protocol),
            ("Mated comparisons", f"{self.mated}, of them {self.mated_failed} not made"),
            ("Non-mated comparisons", f"{self.non_mated}, and {self.non_mated_failed} not made"),
            ("EER", _percent(self.eer)),
            *points,
            ("minCllr", f"{self.min_cllr:.4f} bits"),
            ("FNMR by quality", _rejection(self.rejection)),
            *(line for each in self.groups for line in lines(each)),
        ]


def _percent(rate: Rate | None) -> str:
    if rate is None:
        return "too few non-mated comparisons"
    return f"{rate.value:.3%} ({rate.interval.low:.3%} – {rate.interval.high:.3%})"


def _rejection(rejection: Rejection) -> str:
    points = ", ".join(f"{p.fnmr:.2%} without the worst {p.rejected:.0%}" for p in rejection.points)
    correlation = "–" if rejection.rank_correlation is None else f"{rejection.rank_correlation:.2f}"
    return f"{rejection.initial_fnmr:.2%}; {points}; rank correlation {correlation}"


def measure(
    images: Sequence[ImageRow],
    samples: Sequence[Sample],
    pairs: Pairs,
    scores: NDArray[np.float32],
    *,
    ids: tuple[str, str, str, str],
    seconds: Mapping[str, float],
    asked: Asked = NOTHING,
) -> Report:
    """Compute the report.

    Args:
        images: the rows of images.csv.
        samples: one per image.
        pairs: the comparisons, shape (k,).
        scores: shape (k,), NaN where an image has no template.
        ids: modality, model id, comparator id, protocol.
        seconds: seconds by stage.
        asked: what is asked about groups.

    Raises:
        FieldInvalid: no mated or no non-mated comparison could be made.
    """
    mated, non_mated = sides(images, pairs, scores)
    curve = error_curve(mated.scores, non_mated.scores)
    band = error_band(mated, non_mated, FMR_TARGETS)
    points = tuple(
        _point(mated, non_mated, target, Interval(float(low), float(high)))
        for target, low, high in zip(FMR_TARGETS, band.low, band.high, strict=True)
    )
    missing = np.isnan(scores)
    groups = measure_groups(images, pairs, scores, asked.columns, operating_points(non_mated, asked))
    return Report(
        *ids,
        images=len(images),
        subjects=len({row.subject for row in images}),
        failures=dict(Counter(sample.failure for sample in samples if sample.failure).most_common()),
        mated=mated.scores.size,
        mated_failed=int(np.count_nonzero(missing & pairs.mated)),
        non_mated=non_mated.scores.size,
        non_mated_failed=int(np.count_nonzero(missing & ~pairs.mated)),
        eer=Rate(equal_error_rate(curve), band.eer),
        points=points,
        min_cllr=min_cllr(mated.scores, non_mated.scores),
        rejection=summary(reject_curve(samples, pairs, scores)),
        intervals=f"{LEVEL:.0%}, by effective numbers of independent comparisons (docs/decisions/0021)",
        seconds=seconds,
        groups=tuple(groups),
        bounds=tuple(judged(groups, asked)),
    )


def _point(mated: Comparisons, non_mated: Comparisons, target: float, interval: Interval) -> OperatingPoint:
    if not carries(non_mated.scores.size, target):
        return OperatingPoint(target, None, None)
    threshold = threshold_at_fmr(non_mated.scores, target)
    return OperatingPoint(target, threshold, Rate(fnmr_at(mated.scores, threshold), interval))
