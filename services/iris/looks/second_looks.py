"""Looks at an image, darker and brighter where the first leaves doubts, until an eye is found that is beyond them."""

from __future__ import annotations

import numpy as np

from biometrics.errors import AcquisitionFailed
from services.iris.localisation.gaze import FRONT, View, seen_from
from services.iris.localisation.localisation import find_eye
from services.iris.looks.look import Seen
from services.iris.quality.plausibility import require_one_eye
from services.iris.segmentation.circles import Circle, Gray
from services.iris.segmentation.mask_circles import find_discs
from services.iris.segmentation.network import Segmentation, Segmenter

CLEAR_LIMBUS = 0.25  # strength: below, the image is looked at darker
DARKER, BRIGHTER = 2.0, 0.35  # gamma
SAME = 0.2  # radii, of centre and radius together, within which two circles are one
VAGUE_SUPPORT, VAGUE = 0.6, 0.5  # pupil's edge below, uncertainty above: circles that stay are doubted too


class EyeFinder:
    """Finds the eye in an image.

    1. Look at the image as it is.
    2. Without an eye or a clear limbus look at it darker; the one with the stronger limbus is taken.
    3. Where the network is uncertain, the pupil's edge shows on a part of its circle only, or a darker disc lies in
       the pupil, look at it brighter: an iris that is about as dark as its pupil parts from it. Circles that stay are
       those of the first look. Where they do not, of all looks that are clear the one with the stronger limbus is
       taken.
    4. Without one, the doubt is told.

    Each look: circles of pupil and limbus by the network, refined on the image. Where the pupil is flat, the eye may
    look aside: the same is done on the image stretched to a frontal view, and kept where the limbus shows more clearly
    there.

    Args:
        segmenter: with the model `iris-segmentation`.
    """

    def __init__(self, segmenter: Segmenter) -> None:
        self._segmenter = segmenter

    def find(self, gray: Gray, found: Segmentation) -> Seen:
        """Find the eye.

        Args:
            gray: uint8 (height, width).
            found: what the network says of it as it is.

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
        return self._beyond_doubt(gray, seen, looks) if seen.doubtful else seen

    def _beyond_doubt(self, gray: Gray, seen: Seen, looks: list[Seen]) -> Seen:
        brighter = self._look(gray, self._segment(gray, BRIGHTER), BRIGHTER)
        if brighter and _alike(seen, brighter[0]):
            return seen._replace(doubt=_doubt(seen, max(seen.support, brighter[0].support)))
        doubted = seen._replace(doubt="looked at brighter, they are not where they seemed to be")
        return max((each for each in looks + brighter if each.clear), key=_strength, default=doubted)

    def _segment(self, gray: Gray, gamma: float) -> Segmentation:
        (found,) = self._segmenter.segment([gray], gamma)
        return found

    def _look(self, gray: Gray, found: Segmentation, gamma: float) -> list[Seen]:
        """See the eye, or none."""
        discs = find_discs(found)
        if discs is None:
            return []
        eye, view = find_eye(gray, found, discs), seen_from(discs)
        ahead = Seen(gray, found, eye, FRONT) if eye else None
        aside = None if view.frontal else self._straightened(gray, view, gamma)
        if aside and (ahead is None or aside.strength > view.asked * ahead.strength):
            return [aside]
        return [ahead] if ahead else []

    def _straightened(self, gray: Gray, view: View, gamma: float) -> Seen | None:
        gray = view.straightened(gray)
        found = self._segment(gray, gamma)
        discs = find_discs(found)
        eye = discs and find_eye(gray, found, discs, view)
        return Seen(gray, found, eye, view) if eye else None


def _strength(seen: Seen) -> float:
    return seen.strength


def _doubt(seen: Seen, support: float) -> str:
    """What speaks against circles that two looks agree on; nothing, mostly."""
    if seen.boundless:
        return "the pupil is wide and no limbus shows around it, so it may be the iris"
    if seen.hollow:
        return "a darker disc lies in the pupil, so it may be the iris"
    if support < VAGUE_SUPPORT and seen.vagueness > VAGUE:
        return f"the pupil's edge shows on {support:.0%} of its circle"
    return ""


def _alike(one: Seen, other: Seen) -> bool:
    """Both looks find the same pupil and the same limbus, in the image before it was straightened."""
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


def require_certain(seen: Seen) -> None:
    """Refuse an eye whose pupil or limbus may be something else.

    Raises:
        AcquisitionFailed: IRIS_UNCERTAIN.
    """
    if seen.doubt:
        raise AcquisitionFailed(
            f"It is uncertain where pupil and iris end: {seen.doubt}. The iris may be too dark to part from its pupil, "
            "hidden, cut by the frame, blurred or too small. Capture it again, wide open, in focus and larger, in "
            "infrared light bright enough to show its texture.",
            reason="IRIS_UNCERTAIN",
            pupil_support=f"{seen.support:.2f}",
            uncertainty=f"{seen.vagueness:.2f}",
        )
