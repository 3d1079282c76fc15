"""Finds the fingertips in a slap."""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np

from biometrics.errors import AcquisitionFailed
from biometrics.template import Position
from formats.contents import Slap
from infra.images.decode import Image
from services.fingerprint.extraction.pose import arch_of
from services.fingerprint.slap.cover import Flow, cover
from services.fingerprint.slap.found import Segmentation
from services.fingerprint.slap.hand import Hand, at_work_resolution, likeliest_hand
from services.fingerprint.slap.naming import name
from services.fingerprint.slap.outline import found_finger

MIN_LIKELINESS_MM = 4.0
WIDTHS_MM = (6.0, 27.0)
"""Of fingertips: from those of small children to the widest thumbs."""
DOWNWARDS = 0.05
"""The mean arch of the tips under which a hand is taken to be upside down; upright hands have 0.2–0.5."""


def segment(image: Image, slap: Slap, missing: Collection[Position] = ()) -> Segmentation:
    """Find the fingertips in a slap.

    1. Where ridges are, at 250 dpi (cover.py).
    2. Directions in which the hand may point, by the sides of its fingers (sides.py).
    3. For each direction the ways to tell fingers apart (columns.py, crossing.py); the likeliest is used (hand.py).
    4. The tip of each finger, above the crease of its last joint (fingertip.py).
    5. Positions by order and heights (naming.py, arc.py).

    Args:
        image: at its stated resolution, else 500 dpi; the hand turned by at most 45°.
        slap: which fingers it shows.
        missing: fingers that have no print, of any hand.

    Raises:
        ImageTooLarge: over 140 mm a side.
        AcquisitionFailed: SLAP_NOT_FOUND (no fingers, or none that can be told apart with confidence),
            SLAP_FINGERS_MISSING, SLAP_TOO_MANY_FINGERS, SLAP_HAND_UNCERTAIN, SLAP_CONTRADICTED or SLAP_UPSIDE_DOWN.
    """
    covered, flow = cover(at_work_resolution(image))
    hand = _found(likeliest_hand(covered, image.pixels.shape))
    _check_pose(hand, image.pixels.shape, flow)
    width = float(np.mean([tip.width for _, tip in hand.fingers]))
    ends = np.array([tip.end for _, tip in hand.fingers]) / width
    which, positions, sure = name(slap, missing, ends)
    fingers = tuple(
        found_finger(hand.upright, *finger, image.pixels.shape).at(position)
        for finger, position in zip(hand.fingers, positions, strict=True)
    )
    return Segmentation(which, fingers, hand.upright.degrees, sure * min(each.confidence for each in fingers))


def _found(hand: Hand | None) -> Hand:
    """The hand, if its fingers are of possible sizes and stand out enough."""
    if hand is None or not hand.fingers:
        raise _not_found("There is no area with ridges that is large enough.")
    widths = [tip.width_mm for _, tip in hand.fingers]
    if min(widths) < WIDTHS_MM[0] or max(widths) > WIDTHS_MM[1]:
        raise _not_found("The areas with ridges are not as wide as fingers.")
    if hand.likeliness < MIN_LIKELINESS_MM:
        raise _not_found("The fingers cannot be told apart.")
    return hand


def _not_found(why: str) -> AcquisitionFailed:
    return AcquisitionFailed(
        f"No slap was found: {why} Check the resolution, give the segment of each finger, or capture the slap "
        "again with the fingers apart, upright, on a clean platen.",
        reason="SLAP_NOT_FOUND",
    )


def _check_pose(hand: Hand, image_shape: tuple[int, ...], flow: Flow) -> None:
    """Refuse a hand whose ridges arch towards the wrong end."""
    if arch_of_hand(hand, image_shape, flow) < DOWNWARDS:
        raise AcquisitionFailed(
            "The slap seems to be upside down: the ridges of its fingers arch downwards. Turn the image by 180° "
            "and send it again, or give the segment of each finger.",
            reason="SLAP_UPSIDE_DOWN",
        )


def arch_of_hand(hand: Hand, image_shape: tuple[int, ...], flow: Flow) -> float:
    """The mean over the tips of `extraction.pose.arch`, −1 to 1."""
    to_cells = np.diag([flow.shape[1] / image_shape[1], flow.shape[0] / image_shape[0], 1.0]) @ hand.upright.to_image
    size = (flow.shape[1], flow.shape[0])
    arches = []
    for _, tip in hand.fingers:
        area = cv2.warpAffine(tip.area.astype(np.uint8), to_cells[:2], size, flags=cv2.INTER_NEAREST) > 0
        arches.append(arch_of(area, flow, hand.upright.degrees))
    return float(np.mean(arches))
