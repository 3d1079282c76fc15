"""Decisions of other systems: messages ↔ domain objects."""

from __future__ import annotations

from biofusion.fusion.v1 import decisions_pb2
from biofusion.type.v1 import decision_pb2

from biometrics.errors import ShadowOff
from fusion.decision.decision import Outcome
from fusion.shadow.decisions import OtherDecision, Pair
from fusion.shadow.recorder import Recorder
from fusion.wire.answers import OUTCOMES
from infra.wire.enums import Names

OTHER_OUTCOMES = Names(Outcome, decision_pb2.Outcome, "OUTCOME_", "other_decision.outcome")


def other_from_wire(
    request: decisions_pb2.VerifySubjectRequest | decisions_pb2.IdentifySubjectsRequest, recorder: Recorder | None
) -> OtherDecision | None:
    """What another system decided, checked before anything is decided here; None if nothing is stated or recorded.

    Raises:
        FieldInvalid: it is not valid, whether it would be recorded or not.
    """
    if not request.HasField("other_decision"):
        return None
    wire = request.other_decision
    other = OtherDecision(wire.system, OTHER_OUTCOMES.from_wire(wire.outcome), wire.subject_id)
    if recorder is None:
        return None
    recorder.require_room(other)
    return other


def agreement_to_wire(recorder: Recorder | None, system: str) -> decisions_pb2.GetAgreementResponse:
    """How often the decisions agreed.

    Raises:
        ShadowOff: nothing is recorded.
    """
    if recorder is None:
        raise ShadowOff(
            "This service records no decisions of other systems. The operator can set BIOFUSION_SHADOW_FILE."
        )
    counts, unwritten = recorder.counts(system)
    return decisions_pb2.GetAgreementResponse(
        counts=[_count_to_wire(pair, count) for pair, count in counts], unwritten_count=unwritten
    )


def _count_to_wire(pair: Pair, count: int) -> decisions_pb2.AgreementCount:
    return decisions_pb2.AgreementCount(
        system=pair.system,
        operation=pair.operation,
        other_outcome=OUTCOMES.to_wire(pair.other),
        own_outcome=OUTCOMES.to_wire(pair.own),
        same_subject=pair.same_subject,
        count=count,
    )
