"""Finds the eye; looks again, in other ways, while the result is doubtful, and keeps what most looks agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from biometrics.errors import AcquisitionFailed
from services.iris.localisation.gaze import FRONT, View, seen_from
from services.iris.localisation.localisation import find_eye, find_inner_eye
from services.iris.looks.look import MIN_EDGE, SeenEye, alike
from services.iris.quality.plausibility import require_one_eye
from services.iris.segmentation.circles import Gray
from services.iris.segmentation.mask_circles import find_mask_circles
from services.iris.segmentation.network import Segmentation, Segmenter

CLEAR_LIMBUS = 0.25  # limbus strength below which a darker look follows
DARKER, BRIGHTER = 2.0, 0.35  # gamma
CLOSER = 0.5  # of the image's width and height
CLOSER_BLUR, LEAST_LIKELY = 9, 0.3  # px of the network's input; mean probability of an iris over so many
LEAST_VOTES = 3  # of six looks

Look = list[SeenEye]  # what one look finds: nothing, an eye, or an eye and the one within its presumed pupil


class EyeFinder:
    """Finds the eye in an image.

    1. Look at the original image; without an eye or a clear limbus, also at it darker. Take the eye with the stronger
       limbus. Done if nothing makes it doubtful.
    2. Look with the other network, which learned from weak contrasts, cut and half-closed eyes and the like, and at a
       brighter version, which separates a dark iris from its pupil. Done if both find the same, plausible eye.
    3. Look with either network at the image as it is, darker and brighter. Each eye found is a hypothesis. Keep, of the
       plausible ones, the one on which most looks agree: at least LEAST_VOTES, and as many as find an eye elsewhere.
       Of the looks that find it, take the circles whose edges are clearest.
    4. Without one, keep the eye of the first step if the brighter version shows it too and little speaks against it.
    5. Without one, the doubt is reported in `SeenEye.doubt`.
    6. If no look finds any eye, look closer with either network, and keep an eye on which both agree.

    Each look: circles of pupil and limbus from the network, refined on the image. If a darker disc lies in the pupil,
    it and the pupil's edge are a further hypothesis. If the pupil is flat, the eye may look aside: then the image is
    also stretched to a frontal view and segmented again, and that result is kept if the limbus is clearer in it.

    Args:
        segmenter: with the model `iris-segmentation`.
        other: with the model `iris-segmentation-wide`.
    """

    def __init__(self, segmenter: Segmenter, other: Segmenter) -> None:
        self._segmenter, self._other = segmenter, other

    def find(self, gray: Gray, found: Segmentation) -> SeenEye:
        """Find the eye.

        Args:
            gray: uint8 (height, width).
            found: the network's segmentation of it.

        Raises:
            AcquisitionFailed: IRIS_NOT_FOUND; MULTIPLE_EYES.
        """
        require_one_eye(found)
        looks = [_look(self._segmenter, gray, found, 1.0)]
        if not looks[0] or looks[0][0].strength < CLEAR_LIMBUS:
            darker = self._segmenter.segment_again(found, DARKER)
            require_one_eye(darker)
            looks.append(_look(self._segmenter, gray, darker, DARKER))
        seen = max(_eyes(looks), key=_strength, default=None)
        if seen and not seen.doubtful:
            return seen
        looks += [_again(self._other, gray, found, 1.0), brighter := _again(self._segmenter, gray, found, BRIGHTER)]
        if seen and seen.plausible and all(_holds(look, seen) for look in looks[-2:]):
            return seen
        ways = [(self._other, DARKER), (self._other, BRIGHTER)]
        if len(looks) == 3:
            ways.append((self._segmenter, DARKER))
        looks += [_again(segmenter, gray, found, gamma) for segmenter, gamma in ways]
        chosen = elected(looks, LEAST_VOTES)
        if chosen:
            return chosen
        if seen and seen.tenable and _holds(brighter, seen):
            return seen
        doubted = max(_eyes(looks), key=_strength, default=None)
        return replace(doubted, doubt=_doubt(doubted)) if doubted else self._found_closer(gray, found)

    def _found_closer(self, gray: Gray, found: Segmentation) -> SeenEye:
        x, y = _middle(gray, found)
        closer = [_look_closer(segmenter, gray, x, y) for segmenter in (self._segmenter, self._other)]
        chosen = elected(closer, len(closer))
        if chosen is None:
            raise _not_found()
        return chosen


def elected(looks: Sequence[Look], least: int) -> SeenEye | None:
    """The plausible eye that most looks find, with the clearest circles that they find for it; of equals, the clearest.

    None if fewer than `least` find it, or fewer than find an eye elsewhere.
    """
    best, most = None, (0, 0.0)
    plausible = [seen for seen in _eyes(looks) if seen.plausible]
    for seen in plausible:
        votes = sum(_holds(look, seen) for look in looks)
        lead = votes - sum(bool(look) for look in looks if not _holds(look, seen))
        if votes >= least and (lead, seen.clearness) > most:
            best, most = seen, (lead, seen.clearness)
    return max((each for each in plausible if alike(best, each)), key=_clearness) if best else None


def _eyes(looks: Sequence[Look]) -> Look:
    return [seen for look in looks for seen in look]


def _holds(look: Look, seen: SeenEye) -> bool:
    return any(alike(seen, each) for each in look)


def _again(segmenter: Segmenter, gray: Gray, found: Segmentation, gamma: float) -> Look:
    return _look(segmenter, gray, segmenter.segment_again(found, gamma), gamma)


def _look_closer(segmenter: Segmenter, gray: Gray, x: float, y: float) -> Look:
    """Look at a part of the image about a point, as the networks miss small irises."""
    return _look(segmenter, gray, segmenter.segment_around(gray, x, y, CLOSER), 1.0)


def _middle(gray: Gray, found: Segmentation) -> tuple[float, float]:
    """The place most like an iris, px; the image's middle if none is."""
    likely = cv2.blur(found.iris, (CLOSER_BLUR, CLOSER_BLUR))
    row, column = np.unravel_index(np.argmax(likely), likely.shape)
    if likely[row, column] < LEAST_LIKELY:
        return gray.shape[1] / 2, gray.shape[0] / 2
    (x,), (y,) = found.frame.to_image(np.array([column], np.float32), np.array([row], np.float32))
    return float(x), float(y)


def _look(segmenter: Segmenter, gray: Gray, found: Segmentation, gamma: float) -> Look:
    """Find the eye in one segmentation."""
    circles = find_mask_circles(found)
    if circles is None:
        return []
    eye, view = find_eye(gray, found, circles), seen_from(circles)
    ahead = SeenEye(gray, found, eye, FRONT) if eye else None
    aside = None if view.frontal else _straightened(segmenter, gray, view, gamma)
    if aside and (ahead is None or aside.strength > view.required_strength * ahead.strength):
        return [aside, *eye_within(aside)]
    return [ahead, *eye_within(ahead)] if ahead else []


def _straightened(segmenter: Segmenter, gray: Gray, view: View, gamma: float) -> SeenEye | None:
    gray = view.straightened(gray)
    (found,) = segmenter.segment([gray], gamma)
    circles = find_mask_circles(found)
    eye = circles and find_eye(gray, found, circles, view)
    return SeenEye(gray, found, eye, view) if eye else None


def eye_within(seen: SeenEye) -> Look:
    """Find the eye whose iris was taken for the pupil; nothing without one."""
    eye = find_inner_eye(seen.gray, seen.found, seen.eye) if seen.has_darker_disc else None
    return [replace(seen, eye=eye)] if eye else []


def _clearness(seen: SeenEye) -> float:
    return seen.clearness


def _strength(seen: SeenEye) -> float:
    return seen.strength


def _doubt(seen: SeenEye) -> str:
    """What speaks most against an eye on which looks do not agree."""
    if seen.lacks_limbus:
        return "the pupil is wide and no limbus shows around it, so it may be the iris"
    if seen.has_darker_disc:
        return "a darker disc lies in the pupil, so it may be the iris"
    if seen.support < MIN_EDGE:
        return f"the pupil's edge shows on {seen.support:.0%} of its circle"
    return "in other versions of the image they are elsewhere"


def _not_found() -> AcquisitionFailed:
    return AcquisitionFailed(
        "No open eye was found. Send a near-infrared image of one open eye that fills most of the frame.",
        reason="IRIS_NOT_FOUND",
    )


def require_certain(seen: SeenEye) -> None:
    """Refuse an eye whose pupil or limbus may be something else.

    Raises:
        AcquisitionFailed: IRIS_UNCERTAIN.
    """
    if seen.doubt:
        raise AcquisitionFailed(
            f"It is uncertain where pupil and iris end: {seen.doubt}. The iris may be too dark to separate from its "
            "pupil, hidden, cut by the frame, blurred or too small. Capture it again, wide open, in focus and larger, "
            "in infrared light bright enough to show its texture.",
            reason="IRIS_UNCERTAIN",
            pupil_support=f"{seen.support:.2f}",
            uncertainty=f"{seen.vagueness:.2f}",
        )
