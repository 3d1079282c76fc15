"""A recorded decision → the evidence it was taken on, with LLRs computed anew from the scores."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

from biofusion.type.v1 import decision_pb2

from biometrics.comparison import Comparison
from biometrics.sample import Origin
from fusion.evidence.evidence import Evidence
from fusion.evidence.likeness import Likeness, Likenesses
from fusion.models.caller_scores import JointModel
from fusion.models.model import FusionModel
from fusion.wire.answers import RELATIONS, STATUSES
from infra.wire.convert import MISSING_REASONS, MODALITIES, POSITIONS, QUALITY_REASONS, known_position, stated

Numbers = defaultdict[tuple[int, str], int]
"""Numbers of samples by where they come from in the request, given in order of first appearance."""


def evidence_from_wire(decision: decision_pb2.Decision, model: FusionModel | JointModel) -> list[Evidence]:
    """The evidence of a decision, in its order.

    Raises:
        ComparatorUncalibrated, FieldInvalid: the model does not know a comparator, status or relation.
    """
    numbers: Numbers = defaultdict(count().__next__)
    return [_evidence(each, model, numbers) for each in decision.evidence]


def _evidence(wire: decision_pb2.Evidence, model: FusionModel | JointModel, numbers: Numbers) -> Evidence:
    is_of_sample = wire.HasField("sample_index")
    return Evidence(
        MODALITIES.known(wire.modality),
        known_position(wire.position),
        STATUSES.from_wire(wire.status),
        comparison=_comparison(wire, model) if wire.HasField("comparison") else None,
        reference_position=POSITIONS.known(wire.reference_position),
        comparison_count=wire.comparison_count,
        quality=stated(wire, "quality", wire.quality),
        model_id=wire.model_id,
        missing_reason=MISSING_REASONS.known(wire.missing_reason),
        failure_reason=wire.failure_reason,
        quality_reasons=tuple(found for each in wire.quality_reasons if (found := QUALITY_REASONS.known(each))),
        sample=numbers[wire.sample_index, wire.record_part] if is_of_sample else None,
        likenesses=Likenesses([_likeness(each, numbers) for each in wire.likenesses]),
        quality_is_claimed=wire.quality_is_claimed,
        origin=Origin(wire.sample_index, wire.record_part) if is_of_sample else None,
    )


def _comparison(wire: decision_pb2.Evidence, model: FusionModel | JointModel) -> Comparison:
    """The comparison before it was charged, with the LLR that the model gives its score now."""
    comparator_id, score = wire.comparison.comparator_id, wire.comparison.score
    quality = stated(wire, "quality", wire.quality)
    if isinstance(model, JointModel):
        return model.comparison(comparator_id, score, quality)
    return model.comparisons(comparator_id, [score], quality, is_claimed=wire.quality_is_claimed)[0]


def _likeness(wire: decision_pb2.Likeness, numbers: Numbers) -> Likeness:
    own = wire.comparison
    return Likeness(
        numbers[wire.sample_index, wire.record_part],
        Comparison(own.score, own.llr, own.fmr, own.comparator_id),
        RELATIONS.from_wire(wire.relation),
        wire.rho,
    )
