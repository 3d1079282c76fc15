"""A fake fusion model defined by a few numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import ConfigurationInvalid
from biometrics.score_fusion.parts import Fused, Provenance
from biometrics.score_fusion.pattern import PatternCalibration, PatternCounts

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FakeFusion:
    """The LLR of one comparator is its score, of several `share` of their sum, bounded; quality 0 gives LLR 0."""

    comparators: tuple[str, ...] = ("a", "b", "c")
    share: float = 0.5
    llr_min: float = -3.0
    llr_max: float = 6.0
    source: str = "made up for tests"

    @property
    def provenance(self) -> Provenance:
        """Made up."""
        return Provenance(self.source, "2026-01-01", "none", 3_000, 3_000_000, 1_000, 5, 0.1, 0.1)

    @property
    def fusion_model_id(self) -> str:
        """Derived from the text."""
        return f"fusion-{hashlib.sha256(self.to_json().encode()).hexdigest()[:12]}"

    def llr(self, scores: Floats, quality: Floats | None = None) -> Floats:
        """Shape (n,)."""
        single = self.single_llr(scores, quality)
        share = np.where((~np.isnan(single)).sum(axis=1) > 1, self.share, 1.0)
        return np.clip(share * np.nansum(single, axis=1), self.llr_min, self.llr_max)

    def fuse(self, scores: Floats, quality: Floats | None = None) -> Fused:
        """Shape (n,) each; the FMR is a tenth of the bound."""
        llr = self.llr(scores, quality)
        return Fused(llr, np.minimum(1.0, 0.1 * 10.0**-llr))

    def pattern(self, scores: Floats, quality: Floats | None = None) -> int:
        """Bit mask of the comparators present: bit j is comparator j."""
        return sum(1 << int(column) for column in np.flatnonzero(~np.isnan(scores[0])))

    def calibration(self, _pattern: int) -> PatternCalibration:
        """A calibration whose thresholds are the bound."""
        counts = PatternCounts(500, 3_000_000, 500.0, 3.0 * 10.0**self.llr_max, 1_000)
        return PatternCalibration(1.0, 0.0, counts, 0.1, (0.0, self.llr_max), (0.0, -self.llr_max))

    @property
    def patterns(self) -> dict[int, PatternCalibration]:
        """Calibrations of each comparator alone and of all together."""
        every = (1 << len(self.comparators)) - 1
        return {each: self.calibration(each) for each in (*(1 << n for n in range(len(self.comparators))), every)}

    def single_llr(self, scores: Floats, quality: Floats | None = None) -> Floats:
        """Shape (n, d)."""
        worth = 1.0 if quality is None else np.where(quality == 0.0, 0.0, 1.0)
        return np.clip(worth * scores, self.llr_min, self.llr_max)

    def to_json(self) -> str:
        """All fields."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FakeFusion:
        """Read what `to_json` wrote."""
        try:
            fields = json.loads(text)
            return cls(**{**fields, "comparators": tuple(fields["comparators"])})
        except (ValueError, TypeError, KeyError) as error:
            raise ConfigurationInvalid("This is no fusion model. Fit one.") from error
