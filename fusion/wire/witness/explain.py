"""Derives a recorded decision again, from what its record says of scores, qualities and the search.

1. The LLR of each score, by its comparator's calibration.
2. The fused LLR, the thresholds, the outcome and its reasons, by the code that decides (`fusion/decision/`).
3. For an identification: whether another subject might be as good, by `fusion/ranking/search_facts.py`.

Equal are numbers that differ by at most 1e-9, and everything else that does not differ.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biofusion.type.v1 import decision_pb2
from google.protobuf.message import DecodeError

from biometrics.errors import FieldInvalid
from fusion.access.enough import not_enough
from fusion.decision.decision import ROUNDING, Decision, Outcome
from fusion.models.caller_scores import JointModel
from fusion.models.facts import facts_of, with_settings_of
from fusion.models.model import FusionModel
from fusion.ranking.search_facts import SearchFacts, about_nobody, about_the_best
from fusion.wire.answers import decision_to_wire
from fusion.wire.witness.evidence import evidence_from_wire

OF_A_SEARCH = "reasons that the search gave are taken from the record"
OF_A_POLICY = "that the policy asks for more evidence is taken from the record"


@dataclass(frozen=True, slots=True)
class Derived:
    """One decision of a record, derived again.

    Args:
        where: `response`, `response.candidates[0]`, ….
        recorded: as it was answered.
        derived: as it is derived.
        differences: in what they differ, a sentence each; empty if they are equal.
        remark: what was not derived, but taken from the record; "" if all was.
    """

    where: str
    recorded: decision_pb2.Decision
    derived: decision_pb2.Decision
    differences: tuple[str, ...]
    remark: str = ""


def explain(
    record: Mapping[str, Any], start: Mapping[str, Any], shipped: FusionModel, uploaded: JointModel | None = None
) -> list[Derived]:
    """Derive all decisions of a record again; there may be none.

    Args:
        record: of a call.
        start: record of the start of its process, with the facts of its fusion model.
        shipped: the built-in model of this version; the settings of the process are taken from `start`.
        uploaded: the uploaded model, if the decision is by one.

    Raises:
        FieldInvalid: the record is not one of this version, or needs an uploaded model.
        ComparatorUncalibrated: the model does not know a comparator.
    """
    try:
        model = with_settings_of(shipped, start["model"])
        found = list(_decisions(record.get("response", {}), "response"))
        return [_derived(each, record, model, uploaded) for each in found]
    except (KeyError, TypeError, ValueError, NotBase64, DecodeError) as error:
        raise FieldInvalid("record", "it has not what a record of this version has. Is the log in order?") from error


def other_versions(start: Mapping[str, Any], shipped: FusionModel) -> list[str]:
    """What the process decided by that this version has not, a sentence each."""
    recorded, own = start.get("model", {}), facts_of(shipped)
    return [
        f"{name} then: {recorded.get(name)}; of this version: {own[name]}."
        for name in ("fusion_model_id", "comparators", "calibrations", "dependences")
        if recorded.get(name) != own[name]
    ]


@dataclass(frozen=True, slots=True)
class _Found:
    where: str
    message: decision_pb2.Decision
    among: Mapping[str, Any]
    """The part of the answer that it stands in."""
    is_top: bool


def _decisions(part: Mapping[str, Any], where: str) -> Iterator[_Found]:
    if "decision" in part:
        yield _Found(where, decision_pb2.Decision.FromString(b64decode(part["decision"])), part, is_top=True)
    for place, each in enumerate(part.get("candidates", ())):
        message = decision_pb2.Decision.FromString(b64decode(each["decision"]))
        yield _Found(f"{where}.candidates[{place}]", message, part, is_top=False)
    for place, each in enumerate(part.get("duplicate_checks", ())):
        yield from _decisions(each, f"{where}.duplicate_checks[{place}]")


def _derived(found: _Found, record: Mapping[str, Any], model: FusionModel, uploaded: JointModel | None) -> Derived:
    wire, is_search = found.message, found.message.HasField("fpir")
    decision = _decided(found, model, uploaded)
    search = record.get("remarks", {}).get("search")
    remark = ""
    if is_search and found.is_top:
        if search is None:
            remark = OF_A_SEARCH
        else:
            judged = about_the_best if found.among.get("candidates") else about_nobody
            decision = judged(decision, SearchFacts(**search))
    if decision.outcome is Outcome.MATCH and decision_pb2.DECISION_REASON_EVIDENCE_NOT_ENOUGH in wire.reasons:
        remark = remark or OF_A_POLICY
        decision = not_enough(decision)
    derived = decision_to_wire(decision)
    return Derived(
        found.where, wire, derived, tuple(_differences(wire, derived, with_reasons=remark != OF_A_SEARCH)), remark
    )


def _decided(found: _Found, model: FusionModel, uploaded: JointModel | None) -> Decision:
    wire = found.message
    if wire.fusion_model_id != model.fusion_model_id:
        if uploaded is None or uploaded.fusion_model_id != wire.fusion_model_id:
            text = f"it was decided by the uploaded fusion model {wire.fusion_model_id[:100]}. State its file."
            raise FieldInvalid("fusion_model", text)
        return uploaded.verification(evidence_from_wire(wire, uploaded), wire.fmr)
    evidence = model.merged(evidence_from_wire(wire, model))
    if wire.HasField("fmr"):
        return model.verification(evidence, wire.fmr)
    return model.identification(evidence, wire.fpir, int(found.among.get("searched_subject_count", 0)))


def _differences(
    recorded: decision_pb2.Decision, derived: decision_pb2.Decision, *, with_reasons: bool
) -> Iterator[str]:
    for name in ("llr", "match_threshold_llr", "review_threshold_llr", "fmr_bound", "dependence_llr", "observed_fmr"):
        then, now = getattr(recorded, name), getattr(derived, name)
        if abs(then - now) > ROUNDING:
            yield f"{name} was {then!r} and is {now!r}."
    if with_reasons and recorded.outcome != derived.outcome:
        yield f"outcome was {_outcome(recorded)} and is {_outcome(derived)}."
    if with_reasons and list(recorded.reasons) != list(derived.reasons):
        yield f"reasons were {_reasons(recorded)} and are {_reasons(derived)}."
    for place, (one, other) in enumerate(zip(recorded.evidence, derived.evidence, strict=True)):
        then, now = one.comparison.llr, other.comparison.llr
        if abs(then - now) > ROUNDING:
            yield f"evidence[{place}]: the llr of its score was {then!r} and is {now!r}."


def _outcome(decision: decision_pb2.Decision) -> str:
    return decision_pb2.Outcome.Name(decision.outcome).removeprefix("OUTCOME_")


def _reasons(decision: decision_pb2.Decision) -> str:
    names = [decision_pb2.DecisionReason.Name(each).removeprefix("DECISION_REASON_") for each in decision.reasons]
    return ", ".join(names)
