"""Searches and scorings of one modality's references, several searches in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

from biometrics.comparison import Comparator, Stack
from biometrics.template import Position
from gallery.comparing import Comparing, Probe
from gallery.ranking import IndexHit, rank, rows_wanted
from gallery.segment import Segment
from gallery.shelves import Shelves


@dataclass(frozen=True, slots=True)
class Search(Generic[Stack]):
    """One probe's search.

    Args:
        probe: a stack of one template.
        position: of the probe.
        gallery: that is searched.
        limit: most subjects returned.
    """

    probe: Stack = field(repr=False)
    position: Position
    gallery: str
    limit: int


class Searching(Generic[Stack]):
    """Answers searches.

    Args:
        comparator: of the references.
        threads: so many compare at once.
    """

    def __init__(self, comparator: Comparator[Stack], threads: int) -> None:
        self._comparing = Comparing(comparator, threads)

    def answers(self, searches: Sequence[Search[Stack]], shelves: Shelves[Stack]) -> list[list[IndexHit]]:
        """The best subjects for each search, as if it were alone; those of one selection of rows share the pass."""
        answers: list[list[IndexHit]] = [[] for _ in searches]
        for group in _by_selection(searches):
            first = searches[group[0]]
            segments = shelves.segments(first.position, first.gallery)
            for number, hits in zip(group, self._ranked([searches[n] for n in group], segments), strict=True):
                answers[number] = hits
        return answers

    def _ranked(self, searches: Sequence[Search[Stack]], segments: Sequence[Segment[Stack]]) -> list[list[IndexHit]]:
        if not segments:
            return [[] for _ in searches]
        probes = [Probe(search.probe, rows_wanted(segments, search.limit)) for search in searches]
        tables = self._comparing.scores(probes, segments)
        return [
            rank(scores, search.position, segments, search.limit)
            for scores, search in zip(tables, searches, strict=True)
        ]


def _by_selection(searches: Sequence[Search[Stack]]) -> list[list[int]]:
    """The numbers of the searches that meet the same rows."""
    groups: dict[tuple[Position, str], list[int]] = defaultdict(list)
    for number, search in enumerate(searches):
        groups[search.position, search.gallery].append(number)
    return list(groups.values())
