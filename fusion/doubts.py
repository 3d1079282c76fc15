"""What is to be said of the samples themselves, whatever they say of a subject."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.quality import QualityReason
from biometrics.template import Position
from fusion.decision import DecisionReason
from fusion.evidence import Evidence
from fusion.likeness import Relation
from fusion.witnesses import related


def remarks_on_samples(evidence: Sequence[Evidence]) -> list[DecisionReason]:
    """Samples sent twice, of one source under two positions, of two sources under one; a face among several."""
    pairs = related(evidence)
    alike = [(one, other) for one, other, relation in pairs if relation.is_one_source]
    found = {
        DecisionReason.SAME_SAMPLE_TWICE: any(relation is Relation.SAME_SAMPLE for _, _, relation in pairs),
        DecisionReason.POSITIONS_ALIKE: any(_stated_apart(one, other) for one, other in alike),
        DecisionReason.SAMPLES_DIFFER: bool(differing(evidence)),
        DecisionReason.SEVERAL_FACES: any(QualityReason.SEVERAL_FACES in each.quality_reasons for each in evidence),
    }
    return [reason for reason, holds in found.items() if holds]


def differing(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Every two samples of one stated position that are of different sources."""
    return [
        (one, other)
        for one, other, relation in related(evidence)
        if relation is Relation.OTHER_SOURCE and one.position is other.position is not Position.UNKNOWN
    ]


def _stated_apart(one: Evidence, other: Evidence) -> bool:
    return one.position is not other.position and Position.UNKNOWN not in (one.position, other.position)
