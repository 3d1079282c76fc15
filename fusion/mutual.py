"""The samples of one request, compared with each other.

They are all at hand, so what they repeat of each other is not guessed from an average over captures but follows from
their own comparison (`biometrics.dependence`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import isnan

from biometrics.dependence import likeness
from biometrics.errors import BiofusionError
from fusion.likeness import Likeness, Relation, relation
from fusion.model import FusionModel
from fusion.parallel import in_parallel
from fusion.probes import Matchers, Probe


async def compared_with_each_other(
    probes: Sequence[Probe], matchers: Matchers, model: FusionModel, timeout_s: float
) -> list[Probe]:
    """The probes, in order, each with its likeness to the others of its modality and model.

    What a service does not answer stays unknown; samples of one position of which nothing is known count as one.
    """
    groups: dict[tuple[str, str], list[Probe]] = {}
    for probe in probes:
        if probe.template:
            groups.setdefault((probe.modality, probe.template.model_id), []).append(probe)
    several = [group for group in groups.values() if len(group) > 1]
    if not several:
        return list(probes)
    tables = await in_parallel(_scores(group, matchers, timeout_s) for group in several)
    found: dict[int, list[Likeness]] = {}
    for group, scores in zip(several, tables, strict=True):
        for one, other, alike in _likenesses(group, scores, model):
            found.setdefault(one, []).append(replace(alike, sample=other))
            found.setdefault(other, []).append(replace(alike, sample=one))
    return [replace(probe, likenesses=tuple(found.get(probe.number, ()))) for probe in probes]


async def _scores(group: Sequence[Probe], matchers: Matchers, timeout_s: float) -> Mapping[tuple[int, int], float]:
    """Scores of each sample with itself and those after it, by their places; empty where the service fails."""
    templates = [probe.template for probe in group if probe.template]
    compare = matchers[group[0].modality].compare
    try:
        rows = await in_parallel(compare(each, templates[place:], timeout_s) for place, each in enumerate(templates))
    except BiofusionError:
        return {}
    return {(row, row + step): score for row, scores in enumerate(rows) for step, score in enumerate(scores)}


def _likenesses(
    group: Sequence[Probe], scores: Mapping[tuple[int, int], float], model: FusionModel
) -> Iterable[tuple[int, int, Likeness]]:
    comparator_id = model.comparators[group[0].modality]
    pairs = list(combinations(range(len(group)), 2)) if scores else []
    comparisons = model.comparisons(comparator_id, [scores[pair] for pair in pairs])
    for (one, other), comparison in zip(pairs, comparisons, strict=True):
        alike = likeness(comparison.score, scores[one, one], scores[other, other])
        rho = model.sample_rho(group[0].modality, alike)
        what = relation(comparison.llr, is_repeat=rho >= 1.0 and not isnan(alike))
        added_up = what is not Relation.OTHER_SOURCE and comparison.llr >= 0.0
        yield group[one].number, group[other].number, Likeness(-1, comparison, what, rho if added_up else 1.0)
