"""Answers several searches over one modality's references, those over the same rows in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic

import numpy as np

from biometrics.comparison import Comparator, Stack
from biometrics.template import Position, Template
from gallery.index.columns.parts import Ordinals
from gallery.index.search.compare import EXHAUSTIVE_ROWS, Comparing, Probes
from gallery.index.search.models import Models, searched_by_each
from gallery.index.search.rank import IndexHit, Searched, rank
from gallery.index.search.rounds import Round, compared, screened
from gallery.index.search.score import scored
from gallery.index.search.select import Best
from gallery.index.state import IndexState
from gallery.patience import IsWanted, always

NOTHING = Best(np.empty(0, np.int64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Search:
    """One sample's search.

    Args:
        probe: a template that a comparator of the index accepts.
        position: position of the probe.
        gallery: the gallery to search.
        limit: most subjects returned of each model.
        others: templates of the same sample by other models, each of which a comparator of the index accepts.
    """

    probe: Template = field(repr=False)
    position: Position
    gallery: str
    limit: int
    others: tuple[Template, ...] = field(default=(), repr=False)

    @property
    def templates(self) -> tuple[Template, ...]:
        """All templates of the sample, of different models."""
        return self.probe, *self.others


class Searching(Generic[Stack]):
    """Answers searches.

    Args:
        comparator: compares the references of its model.
        threads: number of comparing threads, for each comparator; they start with its first search.
        exhaustive_rows: as in `Comparing`.
        others: comparators of other models.
    """

    def __init__(
        self,
        comparator: Comparator[Stack],
        threads: int,
        exhaustive_rows: int = EXHAUSTIVE_ROWS,
        others: Sequence[Comparator[Stack]] = (),
    ) -> None:
        self._models = Models(comparator, *others)
        self._comparing = [Comparing(each, threads, exhaustive_rows) for each in self._models.comparators]

    def close(self) -> None:
        """End the threads."""
        for each in self._comparing:
            each.close()

    def check(self, templates: Sequence[Template]) -> None:
        """Check that the templates can be compared. Raises TemplateMalformed, TemplateModelMismatch."""
        for template in templates:
            self._models.comparator_of(template).stack([template])

    def screened(
        self, search: Search, state: IndexState[Stack], wanted_rows: int, is_wanted: IsWanted = always
    ) -> Round[Stack]:
        """First round of a search in two (rounds.py): the best `wanted_rows` of the first model; 0: a fair number."""
        searched = Searched(state.segments(search.position, search.gallery), state.subjects)
        probe = self._models.comparators[0].stack([search.probe])
        return screened(self._comparing[0], probe, searched, search.limit, wanted_rows, is_wanted)

    def compared(
        self, known: Round[Stack], position: Position, limit: int, floor: float, is_wanted: IsWanted = always
    ) -> list[IndexHit]:
        """Second round of a search in two: the best subjects by the rows whose screening scores reach the floor."""
        best = compared(self._comparing[0], known, floor, is_wanted)
        return rank(best, position, known.searched, limit) if best.rows.size else []

    def answers(
        self, searches: Sequence[Search], state: IndexState[Stack], is_wanted: IsWanted = always
    ) -> list[list[list[IndexHit]]]:
        """The best subjects for each search, the same as if it were alone; searches over the same rows share a pass.

        Args:
            searches: any number.
            state: what is searched.
            is_wanted: checked between pieces of work.

        Returns:
            For each search the hits by each of its templates.

        Raises:
            DeadlineExpired: none of the answers is wanted any more.
        """
        answers: list[list[list[IndexHit]]] = [[] for _ in searches]
        for group in _by_selection(searches):
            own = [searches[n] for n in group]
            numbers = self._models.numbers(own[0].templates)
            parts = [state.segments(own[0].position, own[0].gallery, number) for number in numbers]
            for place, searched in enumerate(searched_by_each(parts, state)):
                for number, hits in zip(group, self._ranked(own, place, searched, is_wanted), strict=True):
                    answers[number].append(hits)
        return answers

    def scores(
        self, search: Search, ordinals: Ordinals, state: IndexState[Stack], is_wanted: IsWanted = always
    ) -> list[list[IndexHit]]:
        """By each template, hits of those of the entries that have references which it is compared with.

        Args:
            search: its gallery and limit are not used.
            ordinals: entries of the state, of different subjects, ascending.
            state: the state that holds the entries.
            is_wanted: checked between pieces of work.

        Raises:
            DeadlineExpired: the result is not wanted any more.
        """
        numbers = self._models.numbers(search.templates)
        found = []
        for place, (number, template) in enumerate(zip(numbers, search.templates, strict=True)):
            comparator = self._models.comparators[number]
            if place and number not in state.models:
                found.append((NOTHING, Searched([], state.subjects)))
                continue
            stack = comparator.stack([template])
            found.append(scored(stack, search.position, ordinals, state, comparator, is_wanted, number))
        whole = searched_by_each([searched.segments for _, searched in found], state)
        return [
            rank(best, search.position, searched, ordinals.size) if best.rows.size else []
            for (best, _), searched in zip(found, whole, strict=True)
        ]

    def _ranked(
        self, searches: Sequence[Search], place: int, searched: Searched, is_wanted: IsWanted
    ) -> list[list[IndexHit]]:
        """Hits of each search by its template at a place among its templates."""
        if not searched.segments:
            return [[] for _ in searches]
        templates = [search.templates[place] for search in searches]
        number = self._models.number(templates[0])
        stack = self._models.comparators[number].stack(templates)
        probes = Probes(stack, [max(1, searched.widest * search.limit) for search in searches])
        best = self._comparing[number].best(probes, searched, is_wanted)
        return [
            rank(found, search.position, searched, search.limit) for found, search in zip(best, searches, strict=True)
        ]


def _by_selection(searches: Sequence[Search]) -> list[list[int]]:
    """Numbers of the searches, grouped by the rows they search."""
    groups: dict[tuple[Position, str, tuple[str, ...]], list[int]] = defaultdict(list)
    for number, search in enumerate(searches):
        models = tuple(template.model_id for template in search.templates)
        groups[search.position, search.gallery, models].append(number)
    return list(groups.values())
