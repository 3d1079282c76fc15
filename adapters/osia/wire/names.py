"""OSIA's names for modalities, positions, reasons and formats, and this project's."""

from __future__ import annotations

from biofusion.type.v1 import decision_pb2, modality_pb2, record_pb2

from adapters.osia.reading.bodies import FINGERS

MODALITIES = {
    "FACE": modality_pb2.MODALITY_FACE,
    "FINGER": modality_pb2.MODALITY_FINGERPRINT,
    "IRIS": modality_pb2.MODALITY_IRIS,
}
TYPES = {value: name for name, value in MODALITIES.items()}

POSITIONS = {
    "FACE": {"PORTRAIT": modality_pb2.POSITION_FACE, "UNKNOWN": modality_pb2.POSITION_FACE},
    "FINGER": {each: modality_pb2.Position.Value(f"POSITION_{each}") for each in FINGERS}
    | {"UNKNOWN": modality_pb2.POSITION_UNKNOWN},
    "IRIS": {
        "EYE_RIGHT": modality_pb2.POSITION_RIGHT_EYE,
        "EYE_LEFT": modality_pb2.POSITION_LEFT_EYE,
        "EYE_UNDEF": modality_pb2.POSITION_UNKNOWN,
        "UNKNOWN": modality_pb2.POSITION_UNKNOWN,
    },
}
SUBTYPES = {value: name for name, value in (POSITIONS["FINGER"] | POSITIONS["IRIS"]).items()} | {
    modality_pb2.POSITION_FACE: "PORTRAIT",
    modality_pb2.POSITION_UNKNOWN: "UNKNOWN",
}
SLAPS = {
    "PLAIN_RIGHT_FOUR_FINGERS": record_pb2.SLAP_RIGHT_FOUR,
    "PLAIN_LEFT_FOUR_FINGERS": record_pb2.SLAP_LEFT_FOUR,
    "PLAIN_THUMBS": record_pb2.SLAP_TWO_THUMBS,
}
PRESENCES = {
    "AMPUTATED": modality_pb2.MISSING_REASON_AMPUTATED,
    "BANDAGED": modality_pb2.MISSING_REASON_BANDAGED,
    "DAMAGED": modality_pb2.MISSING_REASON_DAMAGED,
}
REASONS = {value: name for name, value in PRESENCES.items()}
FORMATS = {
    "ISO_19794_2": record_pb2.RECORD_FORMAT_ISO_19794_2_2005,
    "ISO_19794_2_NS": record_pb2.RECORD_FORMAT_NORMAL_CARD,
    "ISO_19794_2_CS": record_pb2.RECORD_FORMAT_COMPACT_CARD,
    "ISO_19794_2_2011": record_pb2.RECORD_FORMAT_ISO_19794_2_2011,
    "ANSI_378": record_pb2.RECORD_FORMAT_ANSI_378_2004,
    "ANSI_378_2009": record_pb2.RECORD_FORMAT_ANSI_378_2009,
}


def outcome(decision: decision_pb2.Decision) -> str:
    """MATCH, REVIEW or NO_MATCH."""
    return decision_pb2.Outcome.Name(decision.outcome).removeprefix("OUTCOME_")


def reasons(decision: decision_pb2.Decision) -> list[str]:
    """Why, most important first."""
    return [decision_pb2.DecisionReason.Name(each).removeprefix("DECISION_REASON_") for each in decision.reasons]
