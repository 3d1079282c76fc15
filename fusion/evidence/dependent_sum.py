"""The sum of what all samples say about one subject.

The LLRs of modalities are added, as independent witnesses given the hypothesis (naive Bayes; Ross, Nandakumar and
Jain, Handbook of Multibiometrics, 2006, ch. 4). Within a modality witnesses repeat each other, so each contributes
what it adds to the others (`biometrics/calibration/dependence.py`): first the samples of each position, then the
positions. What was not compared contributes nothing: it is not a zero score.

Samples of one position never claim more together than the people behind the calibration carry for one: whoever is taken
for somebody else is so in every capture.
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
"""Places in the evidence."""

Dependences = Mapping[Modality, Dependence]
Bounds = Mapping[str, float]
"""The highest LLR that a comparator's calibration carries, by comparator id."""

INDEPENDENT_POSITIONS = Dependence()
"""Of a modality of which nothing is known: positions add up, and the samples of one position count as one."""


def fused_llr(
    evidence: Sequence[Evidence], dependences: Dependences, bounds: Bounds, llrs: Sequence[float] | None = None
) -> float:
    """The sum of what all that was compared contributes, if it says `llrs`; without them what it does say."""
    return sum(_added(evidence, dependences, bounds, llrs or [each.llr for each in evidence]))


def contributed(evidence: Sequence[Evidence], dependences: Dependences, bounds: Bounds) -> tuple[Evidence, ...]:
    """The evidence, in order, with what each adds to the fused LLR; exactly 0 where nothing was compared."""
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
    """Where in the evidence something was compared, by modality and there by source, in order of first appearance.

    Of one source are samples of one stated position, samples that are alike whatever was stated, and, where a position
    of the modality is unknown on either side, all samples but those that differ and match references of different
    positions.
    """
    found: dict[Modality | None, list[Group]] = {}
    compared = [place for place, each in enumerate(evidence) if each.comparison]
    blurred = {evidence[place].modality for place in compared if _is_unknown(evidence[place])}
    for place in compared:
        each = evidence[place]
        groups = found.setdefault(each.modality, [])
        near = (_blurred_near if each.modality in blurred else _near)(each, groups, evidence)
        if len(near) == 1:
            near[0].append(place)
        else:
            merged = [*(other for group in near for other in group), place]
            found[each.modality] = sorted([*(group for group in groups if group not in near), merged])
    return found


def related(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence, Relation]]:
    """Every two whose samples are of one source, and what they are to each other."""
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
    """The groups of the source that it is of, positions being known."""
    position, alike = one.position, one.likenesses.of_one_source
    near = []
    for group in groups:
        for place in group:  # sooner than `any`, and it is asked of every two
            other = evidence[place]
            if other.position is position or other.sample in alike:
                near.append(group)
                break
    return near


def _blurred_near(one: Evidence, groups: Sequence[Group], evidence: Sequence[Evidence]) -> list[Group]:
    """The groups of the source that it may be of, some positions being unknown."""
    return [group for group in groups if any(_may_be_one(one, evidence[place]) for place in group)]


def _may_be_one(one: Evidence, other: Evidence) -> bool:
    return not (_is_other_source(one.likeness(other)) and _met_apart(one, other))


def _is_other_source(alike: Likeness | None) -> bool:
    return alike is not None and alike.relation is Relation.OTHER_SOURCE


def _met_apart(one: Evidence, other: Evidence) -> bool:
    """Whether both are most alike to references of different known positions: two pieces of one finger are not."""
    met = {one.reference_position, other.reference_position}
    return len(met) > 1 and not met & {None, Position.UNKNOWN}


def chances(group: Sequence[Evidence]) -> int:
    """Of how many comparisons the best of one source is the best: samples that count as one had the chances of one."""
    if len(group) == 1:
        return group[0].comparison_count
    told_apart: list[int] = []
    rhos = rhos_of(group)
    for place in sorted(range(len(group)), key=lambda place: -group[place].comparison_count):
        if all(rhos[place, other] < 1.0 for other in told_apart):
            told_apart.append(place)
    return sum(group[place].comparison_count for place in told_apart)


def _within(group: Sequence[Evidence], llrs: Sequence[float], bounds: Bounds) -> list[float]:
    """What each sample of one source adds to the others, not more in all than one of them may claim."""
    if len(group) == 1:
        return list(llrs)
    added = _of_samples(tuple(llrs), rhos_of(group).tobytes())
    most = max(bounds.get(each.comparison.comparator_id, inf) for each in group if each.comparison)
    total = float(added.sum())
    kept: list[float] = (added * (most / total) if total > most else added).tolist()
    return kept


@lru_cache(1024)
def _of_samples(llrs: tuple[float, ...], rhos: bytes) -> Floats:
    """As `dependence.of_samples`: a decision asks for the same samples several times."""
    return of_samples(llrs, np.frombuffer(rhos).reshape(len(llrs), len(llrs)))


def rhos_of(group: Sequence[Evidence]) -> Floats:
    """How much each sample repeats each, shape (k, k); 1 where it is not known."""
    rows = [[1.0] * len(group) for _ in group]
    for one, each in enumerate(group[:-1]):
        known = each.likenesses.by_sample
        for other in range(one + 1, len(group)):
            alike = known.get(group[other].sample)
            if alike:
                rows[one][other] = rows[other][one] = alike.rho
    return np.array(rows)
