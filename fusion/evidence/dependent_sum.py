"""Fused LLR of all samples about one subject, with the dependence of samples within a modality.

The LLRs of modalities are added, as these are independent given the hypothesis (naive Bayes; Ross, Nandakumar and
Jain, Handbook of Multibiometrics, 2006, ch. 4). Within a modality samples repeat each other, so each contributes only
what it adds to the others (`biometrics/calibration/dependence.py`): first the samples of each position, then the
positions. A sample that was not compared contributes exactly 0, and is not treated as a score of 0.

All samples of one position together claim at most the LLR that the calibration supports for one of them: a person who
is mistaken for somebody else is so in every capture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import inf

import numpy as np

from biometrics.calibration.curves import Floats
from biometrics.calibration.dependence import Dependence, of_samples
from biometrics.calibration.scalar_curves import of_positions
from biometrics.template import Modality, Position
from fusion.evidence.evidence import Evidence
from fusion.evidence.likeness import Likeness, Relation

Group = list[int]
"""Indices into the evidence of samples of one source, ascending."""

Dependences = Mapping[Modality, Dependence]
Bounds = Mapping[str, float]
"""The highest LLR that a comparator's calibration supports, by comparator id."""

INDEPENDENT_POSITIONS = Dependence()
"""Default for a modality without a fitted dependence: positions add up, samples of one position count as one."""


def fused_llr(
    evidence: Sequence[Evidence], dependences: Dependences, bounds: Bounds, llrs: Sequence[float] | None = None
) -> float:
    """Fused LLR of the evidence.

    Args:
        evidence: of one subject.
        dependences: by modality.
        bounds: the highest LLR of each comparator.
        llrs: LLRs to use instead of those of the evidence, in its order.
    """
    return sum(_added(evidence, dependences, bounds, llrs or [each.llr for each in evidence]))


def contributed(evidence: Sequence[Evidence], dependences: Dependences, bounds: Bounds) -> tuple[Evidence, ...]:
    """The evidence, in order, each with its contribution to the fused LLR; exactly 0 where nothing was compared."""
    added = _added(evidence, dependences, bounds, [each.llr for each in evidence])
    return tuple([replace(each, contribution=llr) for each, llr in zip(evidence, added, strict=True)])


def _added(
    evidence: Sequence[Evidence], dependences: Dependences, bounds: Bounds, llrs: Sequence[float]
) -> list[float]:
    compared = [each.modality for each in evidence if each.comparison]
    if len(set(compared)) == len(compared):  # one of each modality: nothing repeats anything
        return [llr if each.comparison else 0.0 for each, llr in zip(evidence, llrs, strict=True)]
    added = [0.0] * len(evidence)
    for modality, groups in places(evidence).items():
        rho = dependences.get(modality, INDEPENDENT_POSITIONS) if modality else INDEPENDENT_POSITIONS
        within = [
            _within([evidence[place] for place in group], [llrs[place] for place in group], bounds) for group in groups
        ]
        totals = list(map(sum, within))
        kept = of_positions(totals, rho.positions)
        for group, each, total, left in zip(groups, within, totals, kept, strict=True):
            for place, llr in zip(group, each, strict=True):
                added[place] = llr * (left / total) if total else 0.0
    return added


def places(evidence: Sequence[Evidence]) -> dict[Modality | None, list[Group]]:
    """Group the compared evidence by modality and, within it, by source, in order of first appearance.

    Two samples belong to one source if

    - they state the same position, or
    - their own comparison says that they are of one source, whatever positions they state, or
    - a position of the modality is UNKNOWN on either side, unless their own comparison says that they differ and their
      best references are of different known positions.
    """
    found: dict[Modality | None, list[Group]] = {}
    compared = [place for place, each in enumerate(evidence) if each.comparison]
    with_unknown = {evidence[place].modality for place in compared if _is_unknown(evidence[place])}
    for place in compared:
        each = evidence[place]
        groups = found.setdefault(each.modality, [])
        near = (_near_with_unknown if each.modality in with_unknown else _near)(each, groups, evidence)
        if len(near) == 1:
            near[0].append(place)
        else:
            merged = [*(other for group in near for other in group), place]
            found[each.modality] = sorted([*(group for group in groups if group not in near), merged])
    return found


def related(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence, Relation]]:
    """All pairs of samples that are of one source by their own comparison, each with its relation."""
    return [
        (one, other, one.likenesses.by_sample[other.sample].relation)
        for place, one in enumerate(evidence)
        if (alike := one.likenesses.of_one_source)
        for other in evidence[place + 1 :]
        if other.sample in alike
    ]


def _is_unknown(evidence: Evidence) -> bool:
    return Position.UNKNOWN in (evidence.position, evidence.reference_position)


def _near(one: Evidence, groups: Sequence[Group], evidence: Sequence[Evidence]) -> list[Group]:
    """The groups of the same source where all positions are known: equal position, or alike."""
    position, alike = one.position, one.likenesses.of_one_source
    near = []
    for group in groups:
        for place in group:  # faster than `any`, and this runs for every pair
            other = evidence[place]
            if other.position is position or other.sample in alike:
                near.append(group)
                break
    return near


def _near_with_unknown(one: Evidence, groups: Sequence[Group], evidence: Sequence[Evidence]) -> list[Group]:
    """The groups that may be of the same source, where some positions are unknown."""
    return [group for group in groups if any(_may_be_one(one, evidence[place]) for place in group)]


def _may_be_one(one: Evidence, other: Evidence) -> bool:
    return not (_is_other_source(one.likeness(other)) and _matched_apart(one, other))


def _is_other_source(alike: Likeness | None) -> bool:
    return alike is not None and alike.relation is Relation.OTHER_SOURCE


def _matched_apart(one: Evidence, other: Evidence) -> bool:
    """Whether the best references of both are of different known positions, as those of one finger would not be."""
    met = {one.reference_position, other.reference_position}
    return len(met) > 1 and not met & {None, Position.UNKNOWN}


def chances(group: Sequence[Evidence]) -> int:
    """Number of comparisons that the best score of one source was chosen from.

    Samples that repeat each other entirely (rho 1) are counted once.
    """
    if len(group) == 1:
        return group[0].comparison_count
    told_apart: list[int] = []
    rhos = rhos_of(group)
    for place in sorted(range(len(group)), key=lambda place: -group[place].comparison_count):
        if all(rhos[place, other] < 1.0 for other in told_apart):
            told_apart.append(place)
    return sum(group[place].comparison_count for place in told_apart)


def _within(group: Sequence[Evidence], llrs: Sequence[float], bounds: Bounds) -> list[float]:
    """Contribution of each sample of one source; their sum is at most the bound of the best comparator among them."""
    if len(group) == 1:
        return list(llrs)
    added = _of_samples(tuple(llrs), rhos_of(group).tobytes())
    most = max(bounds.get(each.comparison.comparator_id, inf) for each in group if each.comparison)
    total = float(added.sum())
    kept: list[float] = (added * (most / total) if total > most else added).tolist()
    return kept


@lru_cache(1024)
def _of_samples(llrs: tuple[float, ...], rhos: bytes) -> Floats:
    """`dependence.of_samples`, cached, as one decision needs it for the same samples several times."""
    return of_samples(llrs, np.frombuffer(rhos).reshape(len(llrs), len(llrs)))


def rhos_of(group: Sequence[Evidence]) -> Floats:
    """Correlation rho of each two samples, shape (k, k), 0 to 1; 1 where it is unknown."""
    rows = [[1.0] * len(group) for _ in group]
    for one, each in enumerate(group[:-1]):
        known = each.likenesses.by_sample
        for other in range(one + 1, len(group)):
            alike = known.get(group[other].sample)
            if alike:
                rows[one][other] = rows[other][one] = alike.rho
    return np.array(rows)
