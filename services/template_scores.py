"""Compares one template with some references: on the event loop if that is quick, else in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from biometrics.comparison import Comparator, DemandingComparator
from biometrics.errors import FieldInvalid
from biometrics.template import Template
from gallery.patience import IsWanted, pieces
from infra.deadlines import current_deadline
from infra.wire.field_paths import OF_A_FIELD, at
from infra.workers import Workers
from services.loop_share import LoopShare

MAX_REFERENCES = 10_000


class TemplateScores:
    """Raw scores of a comparator, for templates that a call contains.

    Args:
        comparator: templates → scores.
        workers: threads.
        at_once: up to so many references are compared on the event loop, since handing them to a thread and waiting
            would take longer than comparing them.
        turn: limits that time per iteration of the event loop.
    """

    def __init__(self, comparator: Comparator[Any], workers: Workers, at_once: int, turn: LoopShare) -> None:
        self._comparator = comparator
        self.check = comparator.check if isinstance(comparator, DemandingComparator) else _accept
        self._workers = workers
        self._at_once = at_once
        self._turn = turn

    async def scores(self, probe: Template, references: Sequence[Template]) -> list[float]:
        """The raw scores of one probe with each reference, in order.

        Raises:
            FieldInvalid: no references, or too many.
            TemplateMalformed, TemplateModelMismatch: a template cannot be compared.
        """
        check_count("references", len(references), MAX_REFERENCES)
        scores = self.scores_at_once(probe, references)
        return await self._workers.run(self._scores, probe, references) if scores is None else scores

    def scores_at_once(self, probe: Template, references: Sequence[Template]) -> list[float] | None:
        """The scores, if they can be computed at once on the event loop; else None.

        Raises:
            TemplateMalformed, TemplateModelMismatch: a template cannot be compared.
        """
        if 1 <= len(references) <= self._at_once and self._turn.has_room:
            return self._turn.spend(partial(self._scores, probe, references))
        return None

    def _scores(self, probe: Template, references: Sequence[Template]) -> list[float]:
        with at("probe"):
            self.check(probe)
        scores: list[float] = []
        for piece in pieces(len(references), is_wanted_here()):
            try:
                scores += self._comparator.compare_templates(probe, references[piece]).tolist()
            except OF_A_FIELD:
                self._find_fault(probe, references, piece)
                raise
        return scores

    def _find_fault(self, probe: Template, references: Sequence[Template], piece: slice) -> None:
        """Raise the error of the probe or of the first faulty reference of a piece, with its path."""
        with at("probe"):
            self._comparator.stack([probe])
        for number in range(len(references))[piece]:
            with at(f"references[{number}]"):
                self._comparator.stack([references[number]])


def is_wanted_here() -> IsWanted:
    """A function that tells whether the current call's result is still wanted, for use in other threads."""
    deadline = current_deadline.get()
    return lambda: not deadline.has_passed


def check_count(field: str, count: int, most: int) -> None:
    """Refuse a list of nothing, or of more than the maximum.

    Raises:
        FieldInvalid: the count is out of range.
    """
    if not 1 <= count <= most:
        raise FieldInvalid(field, f"1 to {most} are allowed, {count} were sent.", limit=str(most))


def _accept(_template: Template) -> None:
    """The check of a comparator that accepts every template."""
