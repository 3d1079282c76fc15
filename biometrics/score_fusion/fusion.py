"""Fitted fusion models: the scores of several comparators for one pair → one calibrated log10 likelihood ratio.

Nandakumar, Chen, Dass and Jain, "Likelihood ratio-based biometric score fusion", IEEE TPAMI 30 (2008): the joint
density of each class is a Gaussian mixture. Here several mixtures per class are averaged, missing scores are
integrated out, and the ratio is calibrated and bounded separately for each pattern of present scores.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.mixture import Floats, GaussianMixture, columns_of, log_ratio_given, patterns
from biometrics.score_fusion.parts import Fused, Provenance
from biometrics.score_fusion.pattern import PatternCalibration
from biometrics.score_fusion.scale import ScoreScale, scaled_quality
from biometrics.score_fusion.text import content_of, fields_of, refused, text_of


@dataclass(frozen=True, eq=False)
class ScoreFusion:
    """A fitted fusion model of d comparators.

    One row of scores is fused in five steps:

    1. bring each score to the mixtures' scale, clipped to the range where the training data show that a higher
       score is stronger evidence;
    2. take the mixtures' marginals over the scores that are present;
    3. take the mean log ratio of the mixtures; with quality, of the scores given the quality;
    4. calibrate it by the pattern of present scores;
    5. bound it by the counts of that pattern.

    A pattern is a number: bit j is set where comparator j has a score, and bit d + j where its quality is known too.
    A pattern without its own calibration uses that of a subset of its scores; the other scores are ignored.

    Args:
        comparators: names of the d scores, in order.
        scales: one per comparator.
        mated: mixtures over the d scores, or over d scores and d qualities.
        non_mated: likewise.
        curves: for each comparator alone, the log10 ratio of its mixtures at rising scores, made monotone.
        patterns: calibrations by pattern; each comparator alone has one.
        uses_quality: whether the mixtures include the qualities.
        provenance: what it was fitted on.

    Raises:
        ConfigurationInvalid: the parts do not fit each other.
    """

    comparators: tuple[str, ...]
    scales: tuple[ScoreScale, ...]
    mated: tuple[GaussianMixture, ...]
    non_mated: tuple[GaussianMixture, ...]
    curves: tuple[tuple[Floats, Floats], ...] = field(repr=False)
    patterns: Mapping[int, PatternCalibration] = field(repr=False)
    uses_quality: bool
    provenance: Provenance

    def __post_init__(self) -> None:
        count = len(self.comparators)
        dimensions = 2 * count if self.uses_quality else count
        shapes = {each.means.shape[1] for each in (*self.mated, *self.non_mated)}
        is_whole = bool(self.mated and self.non_mated) and {1 << place for place in range(count)} <= {*self.patterns}
        can_be = all(0 < each < 1 << dimensions and not (each >> count) & ~each for each in self.patterns)
        if not (shapes == {dimensions} and len(self.scales) == len(self.curves) == count and is_whole and can_be):
            raise ConfigurationInvalid("The fusion model's parts do not fit each other. Fit it again.")

    @cached_property
    def fusion_model_id(self) -> str:
        """Digest of the content: equal models have equal ids."""
        return "fusion-" + hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    @property
    def llr_min(self) -> float:
        """Lower bound, exclusive, of the LLR over all patterns."""
        return min(each.llr_min for each in self.patterns.values())

    @property
    def llr_max(self) -> float:
        """Upper bound, exclusive, of the LLR over all patterns."""
        return max(each.llr_max for each in self.patterns.values())

    def llr(self, scores: ArrayLike, quality: ArrayLike | None = None) -> Floats:
        """log10 LR of each row, shape (n,); see `fuse`."""
        return self.fuse(scores, quality).llr

    def single_llr(self, scores: ArrayLike, quality: ArrayLike | None = None) -> Floats:
        """log10 LR of each comparator as if it were the only one present; arguments as for `fuse`.

        Returns:
            float64, shape (n, d), rising in the score; NaN where missing.
        """
        x = self.scaled(scores, quality)
        alone = np.full((len(x), len(self.comparators)), np.nan)
        for place in range(len(self.comparators)):
            own = np.full_like(x, np.nan)
            own[:, place :: len(self.comparators)] = x[:, place :: len(self.comparators)]
            alone[:, place] = np.where(np.isnan(x[:, place]), np.nan, self._fused(own).llr)
        return alone

    def fuse(self, scores: ArrayLike, quality: ArrayLike | None = None) -> Fused:
        """Fuse the scores of each row.

        Args:
            scores: shape (n, d), higher is more alike; NaN is missing. Scores outside the training range are clipped.
            quality: shape (n, d), 0–100, NaN where unknown; ignored by a model that does not use it.

        Returns:
            log10 LR and FMR, shape (n,) each.
        """
        return self._fused(self.scaled(scores, quality))

    def _fused(self, x: Floats) -> Fused:
        llr, fmr = np.zeros(len(x)), np.ones(len(x))
        for pattern, rows in patterns(~np.isnan(x)):
            if part := self.part(pattern):
                by = self.patterns[part]
                llr[rows] = by.llr(self.ratio(x, part, rows))
                fmr[rows] = by.fmr(llr[rows])
        return Fused(llr, fmr)

    def pattern(self, scores: ArrayLike, quality: ArrayLike | None = None) -> int:
        """The pattern of one row of scores: those that `fuse` takes as present."""
        present = ~np.isnan(self.scaled(scores, quality)[0])
        return int(sum(1 << int(column) for column in np.flatnonzero(present)))

    def calibration(self, pattern: int) -> PatternCalibration:
        """The calibration used for a pattern in which at least one comparator has a score."""
        return self.patterns[self.part(pattern)]

    def part(self, pattern: int) -> int:
        """The calibrated pattern used for this one: itself, else its calibrated subset of lowest Cllr, else 0."""
        if pattern in self.patterns:
            return pattern
        parts = (part for part in self.patterns if not part & ~pattern)
        return min(parts, key=lambda part: (self.patterns[part].cllr, -part.bit_count(), part), default=0)

    def scaled(self, scores: ArrayLike, quality: ArrayLike | None) -> Floats:
        """Scores, and qualities if used, on the mixtures' scale: shape (n, d or 2d), NaN where missing."""
        raw = np.atleast_2d(np.asarray(scores))
        x = np.stack([scale.apply(raw[:, place]) for place, scale in enumerate(self.scales)], axis=1)
        if not self.uses_quality:
            return x
        known = np.full_like(x, np.nan) if quality is None else np.atleast_2d(np.asarray(quality, np.float64))
        return np.concatenate((x, np.where(np.isnan(x), np.nan, scaled_quality(known))), axis=1)

    def ratio(self, x: Floats, pattern: int, rows: NDArray[np.int64]) -> Floats:
        """Mean log10 ratio of the mixtures for these rows of scaled scores, which have all scores of the pattern."""
        columns, count = columns_of(pattern), len(self.comparators)
        scores, given = columns[columns < count], columns[columns >= count]
        if scores.size == 1 and not given.size:
            at, ratio = self.curves[scores[0]]
            return np.asarray(np.interp(x[rows, scores[0]], at, ratio))
        return np.asarray(log_ratio_given(x[rows], scores, given, self.mated, self.non_mated) / np.log(10.0))

    def to_json(self) -> str:
        """Stable text: the same model gives the same bytes."""
        return text_of({each.name: getattr(self, each.name) for each in fields(self)})

    @classmethod
    def from_json(cls, text: str) -> ScoreFusion:
        """Read what `to_json` wrote.

        Raises:
            ConfigurationInvalid: other text, another format, or values that are not valid.
        """
        content = content_of(text)
        with refused():
            return cls(**fields_of(content))
