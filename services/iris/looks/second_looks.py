"""Finds the eye; segments darker and brighter versions of the image while the result is doubtful."""

from __future__ import annotations

import numpy as np

from biometrics.errors import AcquisitionFailed
from services.iris.localisation.gaze import FRONT, View, seen_from
from services.iris.localisation.localisation import find_eye
from services.iris.looks.look import SeenEye
from services.iris.quality.plausibility import require_one_eye
from services.iris.segmentation.circles import Circle, Gray
from services.iris.segmentation.mask_circles import find_mask_circles
from services.iris.segmentation.network import Segmentation, Segmenter

CLEAR_LIMBUS = 0.25  # limbus strength below which a darker look follows
DARKER, BRIGHTER = 2.0, 0.35  # gamma
SAME = 0.2  # in radii: difference of centre plus radius below which two circles count as the same
VAGUE_SUPPORT, VAGUE = 0.6, 0.5  # pupil's edge below, uncertainty above: doubtful even if two looks agree


class EyeFinder:
    """Finds the eye in an image.

    1. Look at the original image.
    2. Without an eye or a clear limbus, look at it darker; the eye with the stronger limbus is taken.
    3. If the network is uncertain, the pupil's edge shows on only part of its circle, or a darker disc lies in the
       pupil, look at it brighter: that separates a dark iris from its pupil. If both looks agree on the circles, those
       of the first are kept. If not, the clear eye with the strongest limbus of all looks is taken.
    4. Without a clear eye, the doubt is reported in `SeenEye.doubt`.

    Each look: circles of pupil and limbus from the network, refined on the image. If the pupil is flat, the eye may
    look aside: then the image is also stretched to a frontal view and segmented again, and that result is kept if the
    limbus is clearer in it.

    Args:
        segmenter: with the model `iris-segmentation`.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def find(self, gray: Gray, found: Segmentation) -> SeenEye:
        """Find the eye.

        Args:
            gray: uint8 (height, width).
            found: the network's segmentation of it.

        Raises:
            AcquisitionFailed: IRIS_NOT_FOUND; MULTIPLE_EYES.
        """
        require_one_eye(found)
        looks = self._look(gray, found, 1.0)
        if not looks or looks[0].strength < CLEAR_LIMBUS:
            found = self._segment(gray, DARKER)
            require_one_eye(found)
            looks += self._look(gray, found, DARKER)
        if not looks:
            raise _not_found()
        seen = max(looks, key=_strength)
        return self._resolved(gray, seen, looks) if seen.doubtful else seen

    def _resolved(self, gray: Gray, seen: SeenEye, looks: list[SeenEye]) -> SeenEye:
        brighter = self._look(gray, self._segment(gray, BRIGHTER), BRIGHTER)
        if brighter and _alike(seen, brighter[0]):
            return seen._replace(doubt=_doubt(seen, max(seen.support, brighter[0].support)))
        doubted = seen._replace(doubt="in a brighter version they are elsewhere")
        return max((each for each in looks + brighter if each.clear), key=_strength, default=doubted)

    def _segment(self, gray: Gray, gamma: float) -> Segmentation:
        (found,) = self._segmenter.segment([gray], gamma)
        return found

    def _look(self, gray: Gray, found: Segmentation, gamma: float) -> list[SeenEye]:
        """Find the eye in one segmentation; an empty list without one."""
        circles = find_mask_circles(found)
        if circles is None:
            return []
        eye, view = find_eye(gray, found, circles), seen_from(circles)
        ahead = SeenEye(gray, found, eye, FRONT) if eye else None
        aside = None if view.frontal else self._straightened(gray, view, gamma)
        if aside and (ahead is None or aside.strength > view.required_strength * ahead.strength):
            return [aside]
        return [ahead] if ahead else []

    def _straightened(self, gray: Gray, view: View, gamma: float) -> SeenEye | None:
        gray = view.straightened(gray)
        found = self._segment(gray, gamma)
        circles = find_mask_circles(found)
        eye = circles and find_eye(gray, found, circles, view)
        return SeenEye(gray, found, eye, view) if eye else None


def _strength(seen: SeenEye) -> float:
    return seen.strength


def _doubt(seen: SeenEye, support: float) -> str:
    """What speaks against circles on which two looks agree; usually empty."""
    if seen.lacks_limbus:
        return "the pupil is wide and no limbus shows around it, so it may be the iris"
    if seen.has_darker_disc:
        return "a darker disc lies in the pupil, so it may be the iris"
    if support < VAGUE_SUPPORT and seen.vagueness > VAGUE:
        return f"the pupil's edge shows on {support:.0%} of its circle"
    return ""


def _alike(one: SeenEye, other: SeenEye) -> bool:
    """Whether two looks find the same pupil and limbus, in coordinates before straightening."""
    pairs = ((one.eye.pupil, other.eye.pupil), (one.eye.limbus, other.eye.limbus))
    return all(_apart(_placed(a.circle, one.view), _placed(b.circle, other.view)) < SAME for a, b in pairs)


def _placed(circle: Circle, view: View) -> Circle:
    x, y = view.to_image(*np.array([[circle.x], [circle.y]], np.float32))
    return Circle(float(x[0]), float(y[0]), circle.radius)


def _apart(one: Circle, other: Circle) -> float:
    return float(np.hypot(one.x - other.x, one.y - other.y) + abs(one.radius - other.radius)) / one.radius


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
