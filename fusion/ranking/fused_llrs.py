"""Fused LLRs of many subjects at once, in arrays; the same as `dependent_sum.fused_llr` of each.

All subjects are compared with the same samples, but not every sample has a comparison with every subject. So the
samples of one source are found once for each pattern of comparisons, and fused for all subjects that have the pattern.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration.dependence import rank_weights, samples_together
from biometrics.calibration.sample_sets import log10_sum
from fusion.ranking.sources import Codes, Flags, Links, Pattern, Rows, members_of

Floats = NDArray[np.float64]
Parts = dict[int, list[Rows]]
"""Rows by source, a set of samples as a bit mask."""


@dataclass(frozen=True, slots=True)
class FusedLlrs:
    """Sums over the k samples of one modality.

    Args:
        links: which samples may be of one source.
        rhos: correlation of each two samples, shape (k, k), 0 to 1; 1 where it is unknown.
        positions_rho: correlation of different positions, 0 to 1.
        most: the highest LLR that one source may have, where it is the same for all subjects and samples.
    """

    links: Links
    rhos: Floats
    positions_rho: float
    most: float
    _sources: dict[Pattern, Sequence[int]] = field(default_factory=dict, repr=False)

    def llr(self, llrs: Floats, compared: Flags, met: Codes, most: Floats | None = None) -> Floats:
        """The fused LLR of each subject, shape (n,); 0 where nothing was compared.

        Args:
            llrs: LLR of each comparison alone, shape (n, k); any finite number where there is none.
            compared: whether there is a comparison, shape (n, k).
            met: code of the position of its reference, shape (n, k).
            most: the highest LLR of each comparison, shape (n, k), of which a source may have the highest of its
                samples; None: that of all.
        """
        if compared.shape[1] == 1:
            return np.where(compared[:, 0], llrs[:, 0], 0.0)
        totals = self._totals(llrs, compared, met, most)
        weights = rank_weights(totals.shape[1], self.positions_rho)
        return np.asarray(_falling(np.maximum(totals, 0.0)) @ weights - _falling(np.maximum(-totals, 0.0)) @ weights)

    def _totals(self, llrs: Floats, compared: Flags, met: Codes, most: Floats | None) -> Floats:
        """LLR of each source, in the column of its first sample, shape (n, k); 0 elsewhere."""
        parts: Parts = {}
        for pattern, rows in self.links.patterns(compared, met):
            if pattern not in self._sources:
                self._sources[pattern] = self.links.sources(pattern)
            for source in self._sources[pattern]:
                parts.setdefault(source, []).append(rows)
        totals = np.zeros(llrs.shape)
        of_one = {source: rows for source, rows in parts.items() if self._counts_as_one(source)}
        self._add_means(totals, of_one, llrs, most)
        for source in parts.keys() - of_one.keys():
            members, rows = members_of(source), np.concatenate(parts[source])
            together = samples_together(llrs[rows][:, members], self.rhos[members][:, members])
            totals[rows, members[0]] = np.minimum(
                together, self.most if most is None else most[rows][:, members].max(axis=1)
            )
        return totals

    def _counts_as_one(self, source: int) -> bool:
        """Whether all samples of the source repeat each other entirely (rho 1)."""
        members = members_of(source)
        return bool((self.rhos[members][:, members] >= 1.0).all())

    def _add_means(
        self, totals: Floats, parts: Mapping[int, Sequence[Rows]], llrs: Floats, most: Floats | None
    ) -> None:
        """Write to `totals` the mean likelihood ratio of the sources whose samples count as one, all at once."""
        if not parts:
            return
        sets = [members_of(source) for source in parts]
        member = np.zeros((len(sets), llrs.shape[1]), np.bool_)
        for row, members in zip(member, sets, strict=True):
            row[members] = True
        rows = [np.concatenate(each) for each in parts.values()]
        of_set, all_rows = np.repeat(np.arange(len(sets)), [each.size for each in rows]), np.concatenate(rows)
        sums = log10_sum(np.where(member[of_set], llrs[all_rows], -np.inf))
        first, sizes = np.array([members[0] for members in sets]), np.array([len(members) for members in sets])
        highest = self.most if most is None else np.where(member[of_set], most[all_rows], -np.inf).max(axis=1)
        totals[all_rows, first[of_set]] = np.minimum(sums - np.log10(sizes)[of_set], highest)


def _falling(strength: Floats) -> Floats:
    return -np.sort(-strength, axis=1)
