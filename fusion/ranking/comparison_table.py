"""The comparisons of all subjects found (rows) with all samples (columns), as arrays; evidence of single subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log10

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality
from fusion.decision.judgement import OBSTACLES, is_surely_poor
from fusion.evidence.dependent_sum import INDEPENDENT_POSITIONS
from fusion.evidence.evidence import Evidence
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.ranking.fused_llrs import Floats, FusedLlrs
from fusion.ranking.search import Searched
from fusion.ranking.sources import CODES, NOT_MET, Codes, Flags, Links
from fusion.samples.probes import Probe


@dataclass(frozen=True)
class Table:
    """n subjects in rows, k samples in columns.

    Args:
        searched: each sample's list of subjects.
        model: the fusion model, which calibrates the scores.
    """

    searched: Sequence[Searched]
    model: FusionModel

    @cached_property
    def subject_ids(self) -> list[str]:
        """Ids of the n subjects that are in any list, ascending."""
        return sorted({subject_id for each in self.searched for subject_id in each.hits})

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {subject_id: row for row, subject_id in enumerate(self.subject_ids)}

    @cached_property
    def columns(self) -> dict[Modality, list[int]]:
        """The columns of each modality, ascending."""
        found: dict[Modality, list[int]] = {}
        for column, each in enumerate(self.searched):
            found.setdefault(each.probe.modality, []).append(column)
        return found

    @cached_property
    def _hits(self) -> tuple[Floats, NDArray[np.int64], Codes]:
        """Scores, numbers of comparisons they are the best of (0: none), and codes of `met`; shape (n, k) each."""
        shape = len(self.subject_ids), len(self.searched)
        scores, counts, met = np.zeros(shape), np.zeros(shape, np.int64), np.full(shape, NOT_MET, np.int8)
        for column, each in enumerate(self.searched):
            rows, hits = [self._row_of[subject_id] for subject_id in each.hits], each.hits.values()
            scores[rows, column] = [hit.score for hit in hits]
            counts[rows, column] = [hit.comparison_count for hit in hits]
            met[rows, column] = [CODES[hit.reference_position] for hit in hits]
        return scores, counts, met

    @property
    def scores(self) -> Floats:
        """Raw scores, shape (n, k); 0 where nothing was compared."""
        return self._hits[0]

    @property
    def met(self) -> Codes:
        """Code of the position of the best reference, shape (n, k); NOT_MET where nothing was compared."""
        return self._hits[2]

    @cached_property
    def compared(self) -> Flags:
        """Whether there is a comparison, shape (n, k)."""
        return self._hits[1] > 0

    @cached_property
    def charge(self) -> Floats:
        """log10 of the number of comparisons, the charge for taking the best of them, shape (n, k)."""
        counts, places = np.unique(np.maximum(self._hits[1], 1), return_inverse=True)
        return np.array([log10(count) for count in counts.tolist()])[places].reshape(self.compared.shape)

    @cached_property
    def llrs(self) -> Floats:
        """LLR of each comparison alone, charged, shape (n, k); any number where there is none."""
        return self.uncharged - self.charge

    @cached_property
    def lacking(self) -> Flags:
        """Whether evidence could not be obtained, shape (n, k)."""
        failed = [each.probe.without_comparison().status in OBSTACLES for each in self.searched]
        return (np.array(failed, np.bool_) | self.unscored) & ~self.compared

    @cached_property
    def unscored(self) -> Flags:
        """Whether a service failed to score a subject of another list, shape (n, k)."""
        unscored = np.zeros(self.compared.shape, np.bool_)
        for column, each in enumerate(self.searched):
            unscored[[self._row_of[each] for each in each.lacking], column] = True
        return unscored

    @cached_property
    def positions(self) -> Codes:
        """Codes of the samples' own positions, shape (k,)."""
        return np.array([CODES[each.probe.position] for each in self.searched], np.int8)

    @cached_property
    def samples(self) -> list[Evidence]:
        """Evidence of each sample before any comparison: facts about the sample alone."""
        return [each.probe.evidence for each in self.searched]

    @cached_property
    def poor(self) -> Flags:
        """Whether a sample is poor by measured quality, shape (k,)."""
        return np.array([is_surely_poor(each, self.model) for each in self.samples], np.bool_)

    @cached_property
    def poor_or_claimed(self) -> Flags:
        """Whether a sample is poor by measured or claimed quality, shape (k,): no match may hinge on it."""
        return np.array(list(map(self.model.is_poor, self.samples)), np.bool_)

    @cached_property
    def uncharged(self) -> Floats:
        """LLR of each comparison alone, before the charge, shape (n, k); any number where there is none."""
        llrs = np.zeros(self.compared.shape)
        for modality, columns in self.columns.items():
            samples = [self.samples[column] for column in columns]
            qualities = np.array([np.nan if each.quality is None else each.quality for each in samples])
            claimed = np.array([each.quality_is_claimed for each in samples])
            comparator_id = self.model.comparators[modality]
            llrs[:, columns] = self.model.llrs(comparator_id, self.scores[:, columns], qualities, claimed)
            for place, column in enumerate(columns):
                for other, rows in self._of_others[column].items():
                    part, one = self.scores[rows, column][:, None], slice(place, place + 1)
                    llrs[rows, column] = self.model.llrs(other, part, qualities[one], claimed[one])[:, 0]
        return llrs

    @cached_property
    def _of_others(self) -> list[dict[str, list[int]]]:
        """For each sample the rows of the hits by other comparators than that of the modality's own model."""
        found: list[dict[str, list[int]]] = []
        for each in self.searched:
            rows: dict[str, list[int]] = {}
            own = "", self.model.comparators[each.probe.modality]
            for subject_id, hit in each.hits.items():
                if hit.comparator_id not in own:
                    rows.setdefault(hit.comparator_id, []).append(self._row_of[subject_id])
            found.append(rows)
        return found

    @cached_property
    def highest_llr(self) -> Floats:
        """The highest LLR that a sample can have, shape (k,); (n, k) if it is not the same for all subjects."""
        model, modalities = self.model, [each.probe.modality for each in self.searched]
        own = np.array([model.bounds[model.comparators[each]] for each in modalities])
        most = np.array([model.bounds[model.highest_bound(each)] for each in modalities])
        if not any(self._of_others) and (own == most).all():
            return own
        highest = np.where(self.compared, own, most)
        for column, of_column in enumerate(self._of_others):
            for other, rows in of_column.items():
                highest[rows, column] = model.bounds[other]
        return highest

    @cached_property
    def sums(self) -> dict[Modality, FusedLlrs]:
        """The sum over the samples of each modality."""
        return {modality: self._sums(modality, columns) for modality, columns in self.columns.items()}

    def _sums(self, modality: Modality, columns: Sequence[int]) -> FusedLlrs:
        probes = [self.searched[column].probe for column in columns]
        places = {probe.number: place for place, probe in enumerate(probes)}
        rhos = np.ones((len(probes), len(probes)))
        for place, probe in enumerate(probes):
            for alike in probe.likenesses:
                if alike.sample in places:
                    rhos[place, places[alike.sample]] = alike.rho
        positions_rho = self.model.dependences.get(modality, INDEPENDENT_POSITIONS).positions
        most = self.model.bounds[self.model.comparators[modality]]
        return FusedLlrs(Links.of(probes), rhos, positions_rho, most)

    def evidence(self, row: int) -> list[Evidence]:
        """Evidence of every sample about the subject of one row."""
        subject_id = self.subject_ids[row]
        return [
            self._compared(each.probe, each.hits[subject_id], float(self.uncharged[row, column]))
            if self.compared[row, column]
            else each.evidence(subject_id)
            for column, each in enumerate(self.searched)
        ]

    def _compared(self, probe: Probe, hit: Hit, llr: float) -> Evidence:
        comparator_id = hit.comparator_id or self.model.comparators[probe.modality]
        comparison = replace(self.model.comparison(comparator_id, hit.score), llr=llr)
        return probe.compared_with(hit, comparison, hit.model_id or self.model.model_id(comparator_id))
