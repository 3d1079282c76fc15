"""Remarks on samples alone: sent twice, alike, different, a face among several. `judgement` decides what follows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from biometrics.quality import QualityReason
from biometrics.template import Modality, Position
from fusion.decision.decision import DecisionReason
from fusion.evidence.dependent_sum import related
from fusion.evidence.evidence import Evidence
from fusion.evidence.likeness import OTHER_SOURCE_LLR, Relation


def remarks_on_samples(evidence: Sequence[Evidence]) -> list[DecisionReason]:
    """Reasons that concern the samples alone, whichever subject they are compared with.

    SAME_SAMPLE_TWICE: a sample was sent twice. POSITIONS_ALIKE: two positions are of one source. SAMPLES_DIFFER: two
    samples of one position are of two sources. SEVERAL_FACES: an image shows another face of comparable size.
    """
    pairs = related(evidence)
    found = {
        DecisionReason.SAME_SAMPLE_TWICE: any(relation is Relation.SAME_SAMPLE for _, _, relation in pairs),
        DecisionReason.POSITIONS_ALIKE: any(_stated_apart(one, other) for one, other, _ in pairs),
        DecisionReason.SAMPLES_DIFFER: bool(differing(evidence)),
        DecisionReason.SEVERAL_FACES: any(QualityReason.SEVERAL_FACES in each.quality_reasons for each in evidence),
    }
    return [reason for reason, holds in found.items() if holds]


def differing(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Every two samples of one stated position that are of different sources, by what they are to each other.

    If their own comparison does not decide it, they differ where one supports a match and the other clearly opposes it.
    """
    of_one: dict[tuple[Modality | None, Position], list[Evidence]] = {}
    for each in evidence:
        if each.position is not Position.UNKNOWN:
            of_one.setdefault((each.modality, each.position), []).append(each)
    return [pair for group in of_one.values() for pair in combinations(group, 2) if _differ(*pair)]


def disagree(one: Evidence, other: Evidence) -> bool:
    """Whether one sample supports a match (LLR above 0) and the other clearly opposes it (LLR −1 or less)."""
    return min(one.llr, other.llr) <= OTHER_SOURCE_LLR and max(one.llr, other.llr) > 0.0


def _differ(one: Evidence, other: Evidence) -> bool:
    alike = one.likeness(other)
    if alike and alike.relation is Relation.OTHER_SOURCE:
        return True
    return not (alike and alike.relation.is_one_source) and disagree(one, other)


def _stated_apart(one: Evidence, other: Evidence) -> bool:
    return one.position is not other.position and Position.UNKNOWN not in (one.position, other.position)
