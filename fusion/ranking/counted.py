"""Counts for operators how rare the best scores of searches were among people who are not the one searched for."""

from __future__ import annotations

from collections.abc import Collection

from biometrics.calibration.expected_rarity import rarity_of_best
from fusion.ranking.ranking import Ranking
from fusion.ranking.search import Searched
from infra.telemetry.instruments import listening
from infra.telemetry.metrics import decisions


def searches_counted(ranking: Ranking, named: Collection[str]) -> None:
    """Count, for each sample that searched the whole gallery, the rarity of its best score with a subject not named.

    Of n subjects, the best score is the best of n comparisons: where the calibration holds and nobody but those named
    is the person, its rarity is above r in at most a share of 10^−r of the searches, however large the gallery is.

    Args:
        ranking: the searches.
        named: the subjects that the answer names, who may be the person.
    """
    if not listening.count:
        return
    for each in ranking.table.searched:
        if each.hits and each.is_whole:
            _count(each, ranking, named)


def _count(searched: Searched, ranking: Ranking, named: Collection[str]) -> None:
    model = ranking.model
    own = model.comparators[searched.probe.modality]
    others = [hit for hit in searched.hits.values() if hit.subject_id not in named and hit.comparator_id in ("", own)]
    if others:
        best = max(others, key=lambda hit: hit.score)
        fmr = model.comparison(own, best.score).fmr
        count = max(1, searched.subject_count - len(named)) * best.comparison_count
        decisions.RARITY.record(rarity_of_best(fmr, count), own, decisions.NON_MATED)
