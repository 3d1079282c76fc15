"""What two fingerprints have in common: wire ↔ domain."""

from __future__ import annotations

from biofusion.type.v1 import explanation_pb2

from biometrics.explanation import FingerprintFindings, MinutiaPair, PrintContent, PrintMinutia, PrintMotion


def fingerprint_to_wire(found: FingerprintFindings) -> explanation_pb2.FingerprintFindings:
    """What two fingerprints have in common."""
    message = explanation_pb2.FingerprintFindings(
        probe=_print_to_wire(found.probe),
        reference=_print_to_wire(found.reference),
        pairs=map(_pair_to_wire, found.pairs),
        similar_pairs=map(_pair_to_wire, found.similar_pairs),
        local_score=found.local_score,
        geometric_score=found.geometric_score,
        common_probe_count=found.common_probe_count,
        common_reference_count=found.common_reference_count,
        common_cell_count=found.common_cell_count,
    )
    if (motion := found.motion) is not None:
        shown = explanation_pb2.PrintMotion(
            rotation_degrees=motion.rotation_degrees, right_px=motion.right_px, down_px=motion.down_px
        )
        message.motion.CopyFrom(shown)
    return message


def fingerprint_from_wire(message: explanation_pb2.FingerprintFindings) -> FingerprintFindings:
    """What two fingerprints have in common."""
    motion = message.motion
    return FingerprintFindings(
        _print_from_wire(message.probe),
        _print_from_wire(message.reference),
        tuple(map(_pair_from_wire, message.pairs)),
        tuple(map(_pair_from_wire, message.similar_pairs)),
        PrintMotion(motion.rotation_degrees, motion.right_px, motion.down_px) if message.HasField("motion") else None,
        message.local_score,
        message.geometric_score,
        message.common_probe_count,
        message.common_reference_count,
        message.common_cell_count,
    )


def _print_to_wire(content: PrintContent) -> explanation_pb2.PrintContent:
    return explanation_pb2.PrintContent(
        width_px=content.width_px,
        height_px=content.height_px,
        area_png=content.area_png,
        minutiae=[
            explanation_pb2.PrintMinutia(
                x_px=each.x_px,
                y_px=each.y_px,
                angle_degrees=each.angle_degrees,
                is_bifurcation=each.is_bifurcation,
                confidence=each.confidence,
            )
            for each in content.minutiae
        ],
    )


def _print_from_wire(message: explanation_pb2.PrintContent) -> PrintContent:
    minutiae = (
        PrintMinutia(each.x_px, each.y_px, each.angle_degrees, each.is_bifurcation, each.confidence)
        for each in message.minutiae
    )
    return PrintContent(message.width_px, message.height_px, message.area_png, tuple(minutiae))


def _pair_to_wire(pair: MinutiaPair) -> explanation_pb2.MinutiaPair:
    return explanation_pb2.MinutiaPair(
        probe_index=pair.probe_index,
        reference_index=pair.reference_index,
        weight=pair.weight,
        likeness=pair.likeness,
    )


def _pair_from_wire(message: explanation_pb2.MinutiaPair) -> MinutiaPair:
    likeness = message.likeness if message.HasField("likeness") else None
    return MinutiaPair(message.probe_index, message.reference_index, message.weight, likeness)
