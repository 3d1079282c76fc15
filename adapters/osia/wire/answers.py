"""Answers of fusion, as OSIA's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from adapters.osia.reading.bodies import ACTIVE, INACTIVE
from adapters.osia.wire.names import REASONS, SUBTYPES, TYPES, outcome, reasons

VENDOR, QUALITY = "Biofusion", "BIOFUSION"


def encounter(found: subjects_pb2.Encounter, galleries: Iterable[str], kind: str) -> dict[str, Any]:
    """An encounter: what is enrolled, without images and templates.

    Args:
        found: with everything.
        galleries: of its person.
        kind: its encounterType.
    """
    is_active = found.state == subjects_pb2.ENCOUNTER_STATE_ACTIVE
    data = [_reference(each, found.encounter_id) for each in found.references]
    missing: dict[str, list[dict[str, str]]] = {}
    for gone in found.missing:
        told = {"biometricSubType": SUBTYPES.get(gone.position, "UNKNOWN")}
        if gone.reason in REASONS:
            told["presence"] = REASONS[gone.reason]
        missing.setdefault(TYPES[gone.modality], []).append(told)
    data += [{"biometricType": name, "missing": gone} for name, gone in missing.items()]
    times = {"createdDate": found.create_time, "updatedDate": found.update_time}
    return {
        "encounterId": found.encounter_id,
        "status": ACTIVE if is_active else INACTIVE,
        "encounterType": kind,
        **{name: _time(time) for name, time in times.items() if time.seconds},
        "galleries": sorted(galleries),
        "biometricData": data,
    }


def _reference(reference: subjects_pb2.Reference, encounter_id: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "biometricType": TYPES[reference.modality],
        "biometricSubType": SUBTYPES.get(reference.position, "UNKNOWN"),
        "encounterId": encounter_id,
        "algorithm": reference.model_id,
        "vendor": VENDOR,
    }
    if reference.HasField("quality"):
        told |= {"quality": round(reference.quality), "qualityFormat": QUALITY}
    return told


def _time(time: Timestamp) -> str:
    return str(time.ToJsonString())


def candidate(found: decisions_pb2.RankedSubject, rank: int) -> dict[str, Any]:
    """A candidate of a search; its score is the log10 of the likelihood ratio."""
    others: dict[str, Any] = {"posterior": found.posterior, **_decided(found.decision)}
    return {
        "personId": found.subject_id,
        "rank": rank,
        "score": found.decision.llr,
        "scores": _scores(found.decision),
        "others": others | _review(found.review_case, found.review_case_failure),
    }


def verdict(decision: decision_pb2.Decision, case: str = "", failure: str = "") -> dict[str, Any]:
    """The answer of a verification: `decision` is true for MATCH alone; the first score tells the outcome."""
    fused = {"score": decision.llr, "others": _decided(decision) | _review(case, failure)}
    return {"decision": outcome(decision) == "MATCH", "scores": [fused, *_scores(decision)]}


def _decided(decision: decision_pb2.Decision) -> dict[str, Any]:
    return {
        "outcome": outcome(decision),
        "reasons": reasons(decision),
        "matchThreshold": decision.match_threshold_llr,
        "reviewThreshold": decision.review_threshold_llr,
    }


def _review(case: str, failure: str) -> dict[str, Any]:
    return {name: value for name, value in (("reviewCase", case), ("reviewCaseFailure", failure)) if value}


def _scores(decision: decision_pb2.Decision) -> list[dict[str, Any]]:
    found = []
    for each in decision.evidence:
        if each.status == decision_pb2.EVIDENCE_STATUS_COMPARED and each.modality in TYPES:
            told = {"biometricType": TYPES[each.modality], "biometricSubType": SUBTYPES.get(each.position, "UNKNOWN")}
            found.append({"score": each.comparison.llr, **told, "others": {"fmr": each.comparison.fmr}})
    return found
