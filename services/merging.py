"""Merges the hits of one sample by several models: of each subject the best comparison by LLR."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from biometrics.calibration.score_calibration import Calibration
from biometrics.comparison import Candidate, Comparison
from gallery.index.search.rank import IndexHit
from services.compared import Paired


class CalibratedHit(NamedTuple):
    """A subject's best comparison.

    Args:
        hit: its raw score.
        calibration: of the score.
        model_id: model of the reference.
    """

    hit: IndexHit
    calibration: Calibration
    model_id: str


@dataclass(frozen=True, slots=True)
class FoundHits:
    """Raw scores of a search.

    Args:
        hits: best first.
        subject_count: how many subjects were searched.
        unsearched: the partitions of the gallery that could not be searched in time.
    """

    hits: Sequence[CalibratedHit] = field(repr=False)
    subject_count: int
    unsearched: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Result of a search.

    Args:
        candidates: best first.
        subject_count: how many subjects were searched.
        unsearched_count: how many partitions of the gallery could not be searched in time.
    """

    candidates: list[Candidate]
    subject_count: int
    unsearched_count: int = 0


def merged(pairs: Sequence[Paired], hits: Sequence[Sequence[IndexHit]], limit: int) -> list[CalibratedHit]:
    """One list of subjects, best first, of the lists by each template of a sample.

    Scores of different comparators have no common scale, so subjects are ordered by the LLR of their best comparison,
    then by the order of the models, the score and the subject id. The result has the best `limit` subjects of all: a
    subject that is missing from one list, as `limit` others score higher there, can be among them only by its place in
    another list. All references that the sample was compared with are counted in each hit, so the best comparison is
    charged for all of them.

    Args:
        pairs: the templates, with their models and calibrations.
        hits: by each template, in order of falling score, then of subject id; at most `limit`, more only if none is
            missing.
        limit: most subjects returned.
    """
    lists = [(paired, each) for paired, each in zip(pairs, hits, strict=True) if each]
    if len(lists) < 2:
        return [_calibrated(paired, hit) for paired, each in lists for hit in each]
    best: dict[str, CalibratedHit] = {}
    for key, hit in sorted(_keyed(lists), key=itemgetter(0)):
        best.setdefault(key[-1], hit)
    return list(best.values())[:limit]


def candidates_of(hits: Sequence[CalibratedHit]) -> list[Candidate]:
    """The hits with LLR and FMR, charged for the number of references compared, in order."""
    return [
        Candidate(
            subject_id=hit.subject_id,
            comparison=comparison.best_of(hit.comparison_count),
            reference_position=hit.reference_position,
            comparison_count=hit.comparison_count,
            reference_model_id=model_id,
        )
        for (hit, _, model_id), comparison in zip(hits, _comparisons(hits), strict=True)
    ]


def _comparisons(hits: Sequence[CalibratedHit]) -> list[Comparison]:
    """The comparison of each hit; all of one calibration at once."""
    places: dict[int, list[int]] = {}
    for place, each in enumerate(hits):
        places.setdefault(id(each.calibration), []).append(place)
    found: dict[int, Comparison] = {}
    for own in places.values():
        made = hits[own[0]].calibration.comparisons([hits[place].hit.score for place in own])
        found.update(zip(own, made, strict=True))
    return [found[place] for place in range(len(hits))]


def _keyed(
    lists: Sequence[tuple[Paired, Sequence[IndexHit]]],
) -> Iterator[tuple[tuple[float, int, float, str], CalibratedHit]]:
    """Hits with the key of their order, whose last part is the subject id."""
    for order, (paired, hits) in enumerate(lists):
        comparisons = paired.calibration.comparisons([hit.score for hit in hits])
        for hit, comparison in zip(hits, comparisons, strict=True):
            yield (-comparison.llr, order, -hit.score, hit.subject_id), _calibrated(paired, hit)


def _calibrated(paired: Paired, hit: IndexHit) -> CalibratedHit:
    return CalibratedHit(hit, paired.calibration, paired.model.model_id)
