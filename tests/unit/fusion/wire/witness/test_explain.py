from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from biometrics.comparison import Comparison
from biometrics.errors import FieldInvalid
from biometrics.quality import QualityReason
from biometrics.sample import Origin
from biometrics.template import POSITIONS, MissingReason, Modality
from fusion.configured import fusion_model
from fusion.decision.decision import Decision, Outcome
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.evidence.likeness import Likeness, Likenesses, Relation
from fusion.models.facts import facts_of
from fusion.models.model import FusionModel
from fusion.wire.answers import decision_to_wire
from fusion.wire.witness.explain import explain, other_versions
from infra.settings import Settings

MODEL = fusion_model(Settings())
SCORES = {Modality.FACE: (-0.2, 0.9), Modality.FINGERPRINT: (0.0, 60.0), Modality.IRIS: (0.0, 0.6)}


def evidence(rng: random.Random, count: int) -> list[Evidence]:
    """Any evidence of `count` samples: of any modality, position, quality and status, and alike in any way."""
    modalities = [rng.choice(list(Modality)) for _ in range(count)]
    return [_of_sample(rng, number, modalities) for number in range(count)]


def _of_sample(rng: random.Random, number: int, modalities: list[Modality]) -> Evidence:
    modality = modalities[number]
    known = Evidence(
        modality,
        rng.choice(POSITIONS[modality]),
        rng.choice(list(EvidenceStatus)[2:]),
        failure_reason="SOMETHING",
        quality=rng.choice([None, rng.uniform(0, 100)]),
        quality_reasons=tuple(rng.sample(list(QualityReason), rng.randrange(2))),
        sample=number,
        origin=Origin(number // 2, f"part {number % 2}"),
        quality_is_claimed=rng.random() < 0.3,
        likenesses=Likenesses(
            Likeness(other, Comparison(1.0, 1.0, 0.1, "x"), rng.choice(list(Relation)), rng.random())
            for other in range(len(modalities))
            if other != number and modalities[other] is modality and rng.random() < 0.5
        ),
    )
    if rng.random() < 0.2:
        return known
    comparator_id, score = MODEL.comparators[modality], rng.uniform(*SCORES[modality])
    (comparison,) = MODEL.comparisons(comparator_id, [score], known.quality, is_claimed=known.quality_is_claimed)
    return replace(
        known,
        status=EvidenceStatus.COMPARED,
        failure_reason="",
        comparison=comparison,
        reference_position=rng.choice(POSITIONS[modality]),
        comparison_count=rng.randrange(1, 40),
        model_id=MODEL.model_id(comparator_id),
    )


def record_of(decision: Decision, **more: Any) -> dict[str, Any]:
    """What the log would have of it."""
    message = b64encode(decision_to_wire(decision).SerializeToString()).decode()
    return {"response": {"decision": message, **more}}


def start_of(model: FusionModel = MODEL) -> dict[str, Any]:
    """What the process says at its start."""
    return {"model": facts_of(model)}


def test_any_decision_follows_from_its_record() -> None:
    """Whatever samples, scores, qualities and likenesses it was taken on, outcome, reasons and numbers are derived."""
    rng, outcomes = random.Random(1), set()
    for _ in range(1200):
        missing = Evidence(Modality.IRIS, POSITIONS[Modality.IRIS][0], EvidenceStatus.PROBE_MISSING)
        absent = [replace(missing, missing_reason=rng.choice(list(MissingReason)))] if rng.random() < 0.3 else []
        decision = MODEL.verification(
            (*MODEL.merged(evidence(rng, rng.randrange(1, 7))), *absent), 10 ** -rng.uniform(1, 8)
        )
        (derived,) = explain(record_of(decision), start_of(), MODEL)
        assert () == derived.differences
        outcomes.add(decision.outcome)
    assert set(Outcome) == outcomes


def test_the_settings_of_the_process_count() -> None:
    """A decision is derived with those that its process had, whatever this one has."""
    model = replace(MODEL, review_band_llr=0.5, poor_quality={Modality.FACE: 90.0})
    rng = random.Random(2)
    for _ in range(50):
        decision = model.verification(model.merged(evidence(rng, 3)), None)
        (derived,) = explain(record_of(decision), start_of(model), MODEL)
        assert () == derived.differences


def test_a_changed_record_is_told_apart() -> None:
    """Another outcome, LLR or threshold than follows from the scores is a difference, which is named."""
    decision = MODEL.verification(MODEL.merged(evidence(random.Random(3), 2)), 1e-3)
    changed = replace(decision, outcome=Outcome.MATCH if decision.outcome is not Outcome.MATCH else Outcome.NO_MATCH)
    (derived,) = explain(record_of(replace(changed, llr=decision.llr + 1)), start_of(), MODEL)
    assert {"llr", "outcome"} <= {each.split()[0] for each in derived.differences}


def test_another_calibration_is_named() -> None:
    """What differs in the facts of a process from this version is told."""
    facts = facts_of(MODEL)
    facts["calibrations"] = {**facts["calibrations"], "face-cosine-1": "0"}
    (told,) = other_versions({"model": facts}, MODEL)
    assert told.startswith("calibrations then: ")


@pytest.mark.parametrize("start", [{}, {"model": {}}, {"model": facts_of(MODEL) | {"fmr": "high"}}])
def test_a_record_that_is_none_is_refused(start: dict[str, Any]) -> None:
    """A start without the facts of the model, or with others, and a decision that is no message."""
    record = record_of(MODEL.verification(evidence(random.Random(4), 1), None))
    with pytest.raises(FieldInvalid):
        explain(record, start, MODEL)
    with pytest.raises(FieldInvalid):
        explain({"response": {"decision": "AAAA"}}, start_of(), MODEL)
