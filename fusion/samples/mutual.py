"""Compares the samples of one request with each other, to find how far they repeat each other.

Their correlation thus follows from their own comparison, not from an average over captures
(`biometrics.calibration.dependence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import isnan

from biometrics.calibration.dependence import likeness
from biometrics.comparison import Comparison
from biometrics.errors import BiofusionError
from fusion.evidence.likeness import Likeness, Likenesses, Relation, relation
from fusion.models.model import FusionModel
from fusion.requests.parallel import computed, in_parallel
from fusion.samples.probes import Matchers, Probe

Table = Mapping[tuple[int, int], float]
"""Score of each two samples of a group, and of each with itself, by their places in it."""


async def compared_with_each_other(
    probes: Sequence[Probe], matchers: Matchers, model: FusionModel, timeout_s: float
) -> list[Probe]:
    """The probes, in order, each with its likeness to the others of its modality and model.

    If a service does not answer, the likeness stays unknown, and samples of one position then count as one.
    """
    groups: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        if probe.template:
            groups.setdefault((probe.modality, probe.template.model_id), []).append(probe)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return list(probes)
    tables = await in_parallel(_scores(group, matchers, timeout_s) for group in several)
    found = await computed(sum(map(len, tables)), _found, several, tables, model)
    return [replace(probe, likenesses=Likenesses(found.get(probe.number, ()))) for probe in probes]


def _found(
    groups: Sequence[Sequence[Probe]], tables: Sequence[Table], model: FusionModel
) -> Mapping[int, Sequence[Likeness]]:
    """Likenesses of each sample to the others, in their order, by sample number."""
    found: dict[int, list[Likeness]] = {}
    for group, scores in zip(groups, tables, strict=True):
        for one, other, comparison, what, rho in _related(group, scores, model):
            found.setdefault(one, []).append(Likeness(other, comparison, what, rho))
            found.setdefault(other, []).append(Likeness(one, comparison, what, rho))
    return found


async def _scores(group: Sequence[Probe], matchers: Matchers, timeout_s: float) -> Table:
    """Score of each sample with itself and with those after it, by places; empty if the service fails."""
    templates = [probe.template for probe in group if probe.template]
    compare = matchers[group[0].modality].compare
    try:
        rows = await in_parallel(compare(each, templates[place:], timeout_s) for place, each in enumerate(templates))
    except BiofusionError:
        return {}
    return {(row, row + step): score for row, scores in enumerate(rows) for step, score in enumerate(scores)}


def _related(
    group: Sequence[Probe], scores: Table, model: FusionModel
) -> Iterator[tuple[int, int, Comparison, Relation, float]]:
    """For each two samples of a group: their numbers, their comparison, their relation, and rho."""
    modality = group[0].modality
    pairs = list(combinations(range(len(group)), 2)) if scores else []
    template = group[0].template
    comparator_id = model.comparator_between(template, template) if template else None
    comparisons = model.comparisons(comparator_id or "", [scores[pair] for pair in pairs]) if pairs else []
    alike = [likeness(scores[one, other], scores[one, one], scores[other, other]) for one, other in pairs]
    rhos = model.sample_rhos(modality, alike)
    for (one, other), comparison, ratio, rho in zip(pairs, comparisons, alike, rhos, strict=True):
        what = relation(comparison.llr, is_repeat=rho >= 1.0 and not isnan(ratio))
        added_up = what is not Relation.OTHER_SOURCE and comparison.llr >= 0.0
        yield group[one].number, group[other].number, comparison, what, rho if added_up else 1.0
