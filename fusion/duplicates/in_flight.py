"""Enrolments that are being checked in this process: one that may be of the same person waits for the earlier one.

Without it, two enrolments of one person at the same time would each search a gallery without the other. Each newcomer
is compared with those that began before it and are not done, so that the waits form no circle.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from biometrics.errors import ServiceUnavailable
from fusion.duplicates.found import judge
from fusion.duplicates.newcomer import Newcomer
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.ranking.search import Searched
from fusion.requests.budget import step_s
from fusion.requests.parallel import computed, in_parallel
from fusion.samples.probes import Matchers, Probe
from infra.deadlines import Deadline

AT_ONCE = 1000
"""Most templates of one call of a matching service."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    newcomer: Newcomer
    done: asyncio.Event = field(default_factory=asyncio.Event)


class InFlight:
    """The enrolments of this process that are being checked. For one event loop.

    Args:
        matchers: the matching services.
        model: the fusion model.
    """

    def __init__(self, matchers: Matchers, model: FusionModel) -> None:
        self._matchers, self._model = matchers, model
        self._entries: list[_Entry] = []

    @asynccontextmanager
    async def turn(self, newcomer: Newcomer, deadline: Deadline) -> AsyncIterator[None]:
        """Context of an enrolment, entered when no earlier one that may be of the same person is in progress."""
        earlier = [each for each in self._entries if _may_conflict(each.newcomer, newcomer)]
        entry = _Entry(newcomer)
        self._entries.append(entry)
        try:
            for each in await self._alike(newcomer, earlier, deadline):
                await each.done.wait()
            yield
        finally:
            self._entries.remove(entry)
            entry.done.set()

    async def _alike(self, newcomer: Newcomer, earlier: Sequence[_Entry], deadline: Deadline) -> Sequence[_Entry]:
        """Those that may be of the same person; all, where that cannot be told.

        The threshold is that of a gallery of one, the lowest: to wait for another person costs time only.
        """
        if not earlier:
            return ()
        others, left_s = [each.newcomer for each in earlier], step_s(deadline)
        searched = await in_parallel(self._against(probe, others, left_s) for probe in newcomer.probes)
        size = len(searched) * len(others)
        found = await computed(size, judge, searched, newcomer.asked(1), self._model, "", len(others))
        if found.candidates:
            return [earlier[int(each.subject_id)] for each in found.candidates]
        return () if found.is_clear else earlier

    async def _against(self, probe: Probe, others: Sequence[Newcomer], timeout_s: float) -> Searched:
        """Scores of a probe with the others, under their places as ids."""
        assert probe.template is not None
        pairs = [(place, each) for place, other in enumerate(others) for each in _comparable(probe, other)]
        templates = [each.template for _, each in pairs if each.template]
        scores: list[float] = []
        try:
            for at in range(0, len(templates), AT_ONCE):
                compare = self._matchers[probe.modality].compare
                scores += await compare(probe.template, templates[at : at + AT_ONCE], timeout_s)
        except ServiceUnavailable as error:
            return Searched(probe.failed(error), {})
        hits: dict[str, Hit] = {}
        for (place, other), score in zip(pairs, scores, strict=True):
            known = hits.get(str(place))
            count = known.comparison_count + 1 if known else 1
            new = Hit(str(place), score, other.position, count, self._comparator(probe))
            hits[str(place)] = replace(known, comparison_count=count) if known and known.score >= score else new
        return Searched(probe, hits, subject_count=len(hits))

    def _comparator(self, probe: Probe) -> str:
        """What a comparison of two templates of the probe's model is calibrated as."""
        assert probe.template is not None
        return self._model.comparator_between(probe.template, probe.template) or ""


def _may_conflict(one: Newcomer, other: Newcomer) -> bool:
    """Whether two enrolments could be duplicates of each other: of different subjects, with a gallery in common."""
    return one.subject_id != other.subject_id and not set(one.galleries).isdisjoint(other.galleries)


def _comparable(probe: Probe, other: Newcomer) -> list[Probe]:
    return [
        each
        for each in other.probes
        if each.template
        and probe.template
        and each.template.model_id == probe.template.model_id
        and each.modality is probe.modality
        and each.position.comparable(probe.position)
    ]
