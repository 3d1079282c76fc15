"""Compares one template with some references: on the event loop if that is quick, else in a thread, in steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from biometrics.errors import FieldInvalid
from biometrics.explanation import Explaining, Explanation
from biometrics.template import Template
from gallery.patience import IsWanted, in_steps
from infra.deadlines import current_deadline
from infra.wire.field_paths import OF_A_FIELD, at, renamed
from infra.workers import Steps, Workers, completed
from services.compared import ComparedModels, Paired
from services.loop_share import LoopShare

MAX_REFERENCES = 10_000


class TemplateScores:
    """Raw scores of templates that a call contains.

    Args:
        models: compare the templates.
        workers: threads.
        at_once: up to so many references are compared on the event loop, since handing them to a thread and waiting
            would take longer than comparing them.
        turn: limits that time per iteration of the event loop.
    """

    def __init__(self, models: ComparedModels, workers: Workers, at_once: int, turn: LoopShare) -> None:
        self._models = models
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
        return await self._workers.run_in_steps(self._scores(probe, references)) if scores is None else scores

    def scores_at_once(self, probe: Template, references: Sequence[Template]) -> list[float] | None:
        """The scores, if they can be computed at once on the event loop; else None.

        Raises:
            TemplateMalformed, TemplateModelMismatch: a template cannot be compared.
        """
        if 1 <= len(references) <= self._at_once and self._turn.has_room:
            return self._turn.spend(partial(completed, self._scores(probe, references)))
        return None

    async def explain(self, probe: Template, reference: Template) -> Explanation:
        """Compare two templates, and show what the score is made of; in a worker thread.

        Raises:
            TemplateMalformed, TemplateModelMismatch: they cannot be compared; errors name `probe` or `reference`.
        """
        with renamed("references[0]", "reference", is_meant=True):
            await self.scores(probe, [reference])  # checks both
        return await self._workers.run(_explanation, self._models, probe, reference)

    def _scores(self, probe: Template, references: Sequence[Template]) -> Steps[list[float]]:
        groups = self._models.grouped(probe, references)
        if len(groups) == 1:
            return (yield from _scores_of(groups[0][0], references, range(len(references))))
        scores = [0.0] * len(references)
        for paired, numbers in groups:
            own = yield from _scores_of(paired, [references[number] for number in numbers], numbers)
            for number, score in zip(numbers, own, strict=True):
                scores[number] = score
        return scores


def _scores_of(paired: Paired, references: Sequence[Template], numbers: Sequence[int]) -> Steps[list[float]]:
    """Scores of references of one model; `numbers` are those that errors name them by."""
    with at("probe"):
        paired.model.check(paired.probe)
    scores: list[float] = []

    def compare(piece: slice) -> None:
        try:
            scores.extend(paired.model.comparator.compare_templates(paired.probe, references[piece]).tolist())
        except OF_A_FIELD:
            _find_fault(paired, references[piece], numbers[piece])
            raise

    yield from in_steps(len(references), compare, is_wanted_here())
    return scores


def _explanation(models: ComparedModels, probe: Template, reference: Template) -> Explanation:
    """The explained and calibrated comparison of two templates that are comparable."""
    ((paired, _),) = models.grouped(probe, [reference])
    comparator: Explaining = paired.model.comparator  # type: ignore[assignment]  # those of the services all are
    found = comparator.explain(paired.probe, reference)
    compared = next(each.model_id for each in probe.by_each if each.model_id in paired.model.calibrations)
    comparison = paired.calibration.comparisons([found.score])[0]
    return Explanation(comparison, compared, reference.model_id, found.terms, found.findings)


def _find_fault(paired: Paired, references: Sequence[Template], numbers: Sequence[int]) -> None:
    """Raise the error of the probe or of the first faulty reference, with its path."""
    with at("probe"):
        paired.model.comparator.stack([paired.probe])
    for number, reference in zip(numbers, references, strict=True):
        with at(f"references[{number}]"):
            paired.model.comparator.stack([reference])


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
