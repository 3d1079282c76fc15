"""Answers several searches over one modality's references, those over the same rows in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

from biometrics.comparison import Comparator, Stack
from biometrics.template import Position, Template
from gallery.index.search.compare import EXHAUSTIVE_ROWS, Comparing, Probes
from gallery.index.search.rank import IndexHit, Searched, rank
from gallery.index.search.rounds import Round, compared, screened
from gallery.index.state import IndexState
from gallery.patience import IsWanted, always


@dataclass(frozen=True, slots=True)
class Search:
    """One probe's search.

    Args:
        probe: a template that the comparator accepts.
        position: position of the probe.
        gallery: the gallery to search.
        limit: most subjects returned.
    """

    probe: Template = field(repr=False)
    position: Position
    gallery: str
    limit: int


class Searching(Generic[Stack]):
    """Answers searches.

    Args:
        comparator: compares the references.
        threads: number of comparing threads.
        exhaustive_rows: as in `Comparing`.
    """

    def __init__(self, comparator: Comparator[Stack], threads: int, exhaustive_rows: int = EXHAUSTIVE_ROWS) -> None:
        self._comparator = comparator
        self._comparing = Comparing(comparator, threads, exhaustive_rows)

    def close(self) -> None:
        """End the threads."""
        self._comparing.close()

    def screened(
        self, search: Search, state: IndexState[Stack], wanted_rows: int, is_wanted: IsWanted = always
    ) -> Round[Stack]:
        """First round of a search in two (rounds.py), with the best `wanted_rows`; 0: as many as are fair."""
        searched = Searched(state.segments(search.position, search.gallery), state.subjects)
        probe = self._comparator.stack([search.probe])
        return screened(self._comparing, probe, searched, search.limit, wanted_rows, is_wanted)

    def compared(
        self, known: Round[Stack], position: Position, limit: int, floor: float, is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """Second round of a search in two: the best subjects by the rows whose screening scores reach the floor."""
        best = compared(self._comparing, known, floor, is_wanted)
        return rank(best, position, known.searched, limit) if best.rows.size else []

    def answers(
        self, searches: Sequence[Search], state: IndexState[Stack], is_wanted: IsWanted = always
    ) -> list[list[IndexHit]]:
        """The best subjects for each search, the same as if it were alone; searches over the same rows share a pass.

        Args:
            searches: any number.
            state: what is searched.
            is_wanted: checked between pieces of work.

        Raises:
            DeadlineExpired: none of the answers is wanted any more.
        """
        answers: list[list[IndexHit]] = [[] for _ in searches]
        for group in _by_selection(searches):
            first = searches[group[0]]
            searched = Searched(state.segments(first.position, first.gallery), state.subjects)
            ranked = self._ranked([searches[n] for n in group], searched, is_wanted)
            for number, hits in zip(group, ranked, strict=True):
                answers[number] = hits
        return answers

    def _ranked(self, searches: Sequence[Search], searched: Searched, is_wanted: IsWanted) -> list[list[IndexHit]]:
        if not searched.segments:
            return [[] for _ in searches]
        stack = self._comparator.stack([search.probe for search in searches])
        probes = Probes(stack, [max(1, searched.widest * search.limit) for search in searches])
        return [
            rank(found, search.position, searched, search.limit)
            for found, search in zip(self._comparing.best(probes, searched, is_wanted), searches, strict=True)
        ]


def _by_selection(searches: Sequence[Search]) -> list[list[int]]:
    """Numbers of the searches, grouped by the rows they search."""
    groups: dict[tuple[Position, str], list[int]] = defaultdict(list)
    for number, search in enumerate(searches):
        groups[search.position, search.gallery].append(number)
    return list(groups.values())
