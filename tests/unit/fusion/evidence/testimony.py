"""Made-up evidence of fingers and eyes, and its contributions."""

from __future__ import annotations

from dataclasses import replace

from biometrics.calibration.dependence import Dependence
from biometrics.comparison import Comparison
from biometrics.template import Modality, Position
from fusion.evidence.dependent_sum import contributed
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import Likeness, Relation


def compared(
    llr: float,
    position: Position = Position.RIGHT_INDEX,
    reference: Position | None = None,
    count: int = 1,
    modality: Modality = Modality.FINGERPRINT,
) -> Evidence:
    """Evidence of one comparison of this LLR."""
    comparison = Comparison(score=llr, llr=llr, fmr=10**-llr if llr > 0 else 1.0, comparator_id="c")
    return Evidence(
        modality, position, EvidenceStatus.COMPARED, comparison, reference or position, comparison_count=count
    )


DEPENDENCES = {Modality.FINGERPRINT: Dependence(positions=0.2), Modality.IRIS: Dependence()}


def contributions(*evidence: Evidence) -> list[float | None]:
    """The contribution of each."""
    return [each.contribution for each in contributed(evidence, DEPENDENCES, {})]


def mutually(evidence: list[Evidence], relation: Relation = Relation.UNCLEAR, rho: float = 0.4) -> list[Evidence]:
    """The evidence with all samples in this relation to each other."""
    llr = {Relation.UNCLEAR: 1.0, Relation.OTHER_SOURCE: -2.0}.get(relation, 5.0)
    comparison = Comparison(llr, llr, 0.5, "c")

    def likenesses(own: int) -> tuple[Likeness, ...]:
        return tuple(Likeness(n, comparison, relation, rho) for n in range(len(evidence)) if n != own)

    return [replace(each, sample=n, likenesses=likenesses(n)) for n, each in enumerate(evidence)]
