from __future__ import annotations

from dataclasses import replace

from biometrics.template import Modality
from fusion.decision.counted import claimed_counted, counted, modalities_of
from fusion.evidence.evidence import EvidenceStatus
from infra.telemetry.instruments import Counter, Histogram
from infra.telemetry.metrics.decisions import DECISIONS, RARITY, REASONS, UNAVAILABLE
from infra.telemetry.readings import watched
from tests.unit.fusion.summed import answer, compared, lacking


def counts(of: Counter | Histogram) -> dict[tuple[str, ...], float]:
    """Value, or number of values, by labels."""
    return {each.labels: float(sum(each.counts)) if each.counts else each.value for each in of.points()}


def test_decisions_are_counted_by_what_was_compared() -> None:
    """Outcome, reasons, modalities, and samples whose service did not answer."""
    decision = answer(*compared(4.0), lacking(EvidenceStatus.SERVICE_UNAVAILABLE))
    before = {of.name: counts(of) for of in (DECISIONS, REASONS, UNAVAILABLE)}
    with watched():
        counted("verify", decision)
    whole = ("verify", decision.outcome.value, modalities_of(decision))
    assert before[DECISIONS.name].get(whole, 0.0) + 1 == counts(DECISIONS)[whole]
    for reason in decision.reasons:
        labels = ("verify", decision.outcome.value, reason.value)
        assert before[REASONS.name].get(labels, 0.0) + 1 == counts(REASONS)[labels]
    assert sum(before[UNAVAILABLE.name].values()) + 1 == sum(counts(UNAVAILABLE).values())


def test_the_set_of_modalities_is_closed() -> None:
    """In one order, each once; with words for none and for a caller's own comparator."""
    decision = answer(*compared(4.0))
    (evidence,) = decision.evidence
    several = [replace(evidence, modality=each) for each in (Modality.IRIS, Modality.FACE, Modality.IRIS, None)]
    assert "FACE+IRIS+OTHER" == modalities_of(replace(decision, evidence=tuple(several)))
    assert "NONE" == modalities_of(replace(decision, evidence=()))


def test_claimed_comparisons_are_counted() -> None:
    """Each sample that was compared, by its comparator."""
    decision = answer(*compared(4.0, 2.0), lacking(EvidenceStatus.REFERENCE_MISSING))
    before = sum(counts(RARITY).values())
    with watched():
        claimed_counted(decision)
    assert before + 2 == sum(counts(RARITY).values())
    assert {"claimed", "non_mated"} >= {labels[1] for labels in counts(RARITY)}
