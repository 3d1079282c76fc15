"""Searches for the duplicates of one enrolled subject: first by one modality, then those found by all others."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from biometrics.errors import ServiceUnavailable
from biometrics.template import Modality
from fusion.bulk.work.tools import TIMEOUT_S, Tools
from fusion.decision.decision import ROUNDING
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel
from fusion.ranking.cut_lists import unseen_llr
from fusion.ranking.scoring import score_all
from fusion.ranking.search import MOST_LISTED, Searched, Where, left_out_of, search
from fusion.requests.budget import step_s
from fusion.samples.enrolled_probe import probes_of
from fusion.samples.mutual import compared_with_each_other
from fusion.samples.probes import Probe, compared
from gallery.store.values import ConsistencyToken
from gallery.subject import Subject
from infra.deadlines import Deadline

ORDER = (Modality.FACE, Modality.IRIS, Modality.FINGERPRINT)
"""The modality that a subject is searched with: the first of these that it has."""

LISTED = 32
"""Subjects that a search lists, unless more of them may be duplicates."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A subject that may be the same person, with the fused log10 LR."""

    subject_id: str
    llr: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """A gallery in a state.

    Args:
        tools: ports and rules.
        gallery: its name, no alias.
        token: what the searches must have seen.
        threshold: the fused LLR from which a pair is reported.
        first_llr: the LLR by the first modality from which the others are compared too; at most the threshold.
        modality: that is searched with; None: by `ORDER`.
    """

    tools: Tools
    gallery: str
    token: ConsistencyToken
    threshold: float
    first_llr: float
    modality: Modality | None = None

    def first_of(self, subject: Subject) -> Modality | None:
        """The modality that a subject is searched with; None if it has none that is searched."""
        own = {each.modality for each in subject.active_references}
        wanted = ORDER if self.modality is None else (self.modality,)
        return next((each for each in wanted if each in own), None)

    async def alike(self, subject: Subject) -> list[Alike]:
        """All other subjects of the gallery from the threshold on, best first. The subject must have a first modality.

        Raises:
            ServiceUnavailable: a service did not answer, or searched only a part of the gallery.
            BiofusionError: a template of the subject cannot be searched with.
        """
        deadline, model = Deadline.after(TIMEOUT_S), self.tools.model
        first, probes = self.first_of(subject), probes_of(subject.active_references)
        leading = [each for each in probes if each.modality is first]
        others = [each for each in probes if each.modality is not first]
        where = Where(self.gallery, self.token, (left_out_of(self.gallery, subject),))
        needed = max(self.first_llr, self.threshold - _most(others, model))
        searched = _whole(await search(leading, where, LISTED, self.tools.matchers, deadline))
        if most_llr(searched, model) < needed:
            return []
        searched = await self._completed(leading, searched, where, needed, deadline)
        found = promising(searched, needed, model)
        if not found:
            return []
        scored = await score_all(others, found, where, self.tools.matchers, deadline) if others else []
        likened = await compared_with_each_other(probes, self.tools.matchers, model, step_s(deadline))
        whole = _whole([*searched, *scored])
        return self._reported(found, [replace(each, probe=likened[each.probe.number]) for each in whole])

    async def _completed(
        self, probes: Sequence[Probe], searched: Sequence[Searched], where: Where, needed: float, deadline: Deadline
    ) -> Sequence[Searched]:
        """Lists that hold every subject that reaches the needed LLR, as far as lists may be long."""
        if unseen_llr(searched, self.tools.model) < needed:
            return searched
        return _whole(await search(probes, where, MOST_LISTED, self.tools.matchers, deadline, searched))

    def _reported(self, found: Sequence[str], searched: Sequence[Searched]) -> list[Alike]:
        model = self.tools.model
        alike = [Alike(each, model.llr([_evidence(one, each, model) for one in searched])) for each in found]
        reached = [each for each in alike if each.llr >= self.threshold - ROUNDING]
        return sorted(reached, key=lambda each: (-each.llr, each.subject_id))


def most_llr(searched: Sequence[Searched], model: FusionModel) -> float:
    """An upper bound of the fused LLR of all subjects: the sum of the best LLRs of the lists, where above 0.

    A quality that is claimed can only lower an LLR, and is left out.
    """
    return sum(max(0.0, _best_llr(each, model)) for each in searched if each.hits)


def _best_llr(searched: Searched, model: FusionModel) -> float:
    probe, best = searched.probe, max([hit.score for hit in searched.hits.values()])
    quality = None if probe.quality_is_claimed else probe.quality_value
    return model.comparison(model.comparators[probe.modality], best, quality).llr


def promising(searched: Sequence[Searched], needed: float, model: FusionModel) -> list[str]:
    """Subjects whose LLRs above 0, over all lists, add up to the needed LLR."""
    sums: dict[str, float] = {}
    for each in searched:
        if not each.hits:
            continue
        hits, probe = list(each.hits.values()), each.probe
        quality = np.array([np.nan if probe.quality_value is None else probe.quality_value])
        scores = np.array([[hit.score] for hit in hits])
        llrs = model.llrs(
            model.comparators[probe.modality], scores, quality, np.array([probe.quality_is_claimed])
        ) - np.log10([[hit.comparison_count] for hit in hits])
        for hit, llr in zip(hits, llrs[:, 0].tolist(), strict=True):
            if llr > 0.0 or needed <= 0.0:
                sums[hit.subject_id] = sums.get(hit.subject_id, 0.0) + max(0.0, llr)
    return [subject_id for subject_id, llr in sums.items() if llr >= needed - ROUNDING]


def _evidence(searched: Searched, subject_id: str, model: FusionModel) -> Evidence:
    hit = searched.hits.get(subject_id)
    return searched.evidence(subject_id) if hit is None else compared(searched.probe, [hit], model)[0]


def _most(probes: Collection[Probe], model: FusionModel) -> float:
    """The highest LLR that comparisons of these could add."""
    places = {(each.modality, each.position) for each in probes}
    return sum(max(0.0, model.bounds[model.comparators[modality]]) for modality, _ in places)


def _whole(searched: Sequence[Searched]) -> Sequence[Searched]:
    """The lists, all of them complete.

    Raises:
        ServiceUnavailable: one is not: a pair might be lost.
    """
    for each in searched:
        if isinstance(each.probe.error, ServiceUnavailable):
            raise each.probe.error
        if each.lacking or not each.is_whole:
            raise ServiceUnavailable(
                f"A part of the gallery could not be searched by {each.probe.modality}. Try again."
            )
    return searched
