"""An eye as found by one look, i.e. one segmentation of the image, and the signs that make it doubtful."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import hypot

import numpy as np

from services.iris.localisation.gaze import View
from services.iris.localisation.localisation import Eye
from services.iris.localisation.pupil import step_inside
from services.iris.segmentation.circles import Circle, Gray
from services.iris.segmentation.network import Segmentation
from services.iris.segmentation.signs import uncertainty

DOUBTFUL = 0.3  # network's uncertainty in iris or pupil; above it, other looks follow
VAGUE = 0.5  # network's uncertainty; above it, the pupil's edge must show
MIN_SUPPORT = 0.7  # of the pupil's edge; below it, other looks follow
MIN_EDGE, MIN_LIMBUS = (
    0.6,
    0.5,
)  # least support of the pupil's edge and of the limbus for a template, if other looks follow
WIDE, FAINT = 0.55, 0.15  # pupil-limbus ratio above, limbus strength below: both circles may lie in the sclera
MIN_STEP_RATIO = 0.4  # pupil-limbus ratio above which a step inside the pupil is measured
STEP, STEP_SHARE = 1.5, 0.02  # least step inside the pupil, grey levels and share of its contrast: it contains a pupil
SAME = 0.2  # in radii of the smaller one: difference of centre plus radius below which two circles count as the same


@dataclass(frozen=True, eq=False)
class SeenEye:
    """An eye in an image, straightened unless `view` is frontal; `doubt` says what speaks against it, or is empty."""

    gray: Gray
    found: Segmentation
    eye: Eye
    view: View
    doubt: str = ""

    @property
    def strength(self) -> float:
        """Strength of the limbus, 0–1."""
        return self.eye.limbus.strength

    @property
    def support(self) -> float:
        """Support of the pupil's edge, 0–1."""
        return self.eye.pupil.support

    @property
    def clearness(self) -> float:
        """How clearly both edges show, 0–1: support of the pupil's times strength of the limbus."""
        return self.support * self.strength

    @property
    def doubtful(self) -> bool:
        """Whether the circles may be something else than pupil and limbus."""
        return self.support < MIN_SUPPORT or self.vagueness > DOUBTFUL or self.pupil_may_be_iris

    @property
    def plausible(self) -> bool:
        """Whether both borders show on enough of their circles, and the pupil is not an iris."""
        return self.support >= MIN_EDGE and self.eye.limbus.support >= MIN_LIMBUS and not self.pupil_may_be_iris

    @property
    def tenable(self) -> bool:
        """Whether it can be kept if a brighter look finds it too, though others do not."""
        return (self.support >= MIN_EDGE or self.vagueness <= VAGUE) and not self.pupil_may_be_iris

    @property
    def pupil_may_be_iris(self) -> bool:
        """Whether the presumed pupil may be the whole of a dark iris."""
        return self.lacks_limbus or self.has_darker_disc

    @property
    def lacks_limbus(self) -> bool:
        """Whether the pupil is wide and no limbus shows around it."""
        return self.strength < FAINT and self._ratio > WIDE

    @cached_property
    def has_darker_disc(self) -> bool:
        """Whether a darker disc lies in the pupil."""
        if self._ratio <= MIN_STEP_RATIO:
            return False
        least = max(STEP, STEP_SHARE * self.eye.pupil.contrast)
        return step_inside(self.gray, self.eye.pupil.circle).levels >= least

    @property
    def _ratio(self) -> float:
        return self.eye.pupil.circle.radius / self.eye.limbus.circle.radius

    @cached_property
    def vagueness(self) -> float:
        """The network's uncertainty in iris or pupil, the larger one."""
        return max(self.found.iris_uncertainty, uncertainty(self.found.pupil))

    @cached_property
    def circles(self) -> tuple[Circle, Circle]:
        """Pupil and limbus in coordinates before straightening."""
        pupil, limbus = (_placed(each.circle, self.view) for each in (self.eye.pupil, self.eye.limbus))
        return pupil, limbus


def alike(one: SeenEye, other: SeenEye) -> bool:
    """Whether two looks find the same pupil and limbus."""
    return all(_apart(a, b) < SAME for a, b in zip(one.circles, other.circles, strict=True))


def _placed(circle: Circle, view: View) -> Circle:
    if view.frontal:
        return circle
    x, y = view.to_image(*np.array([[circle.x], [circle.y]], np.float32))
    return Circle(float(x[0]), float(y[0]), circle.radius)


def _apart(one: Circle, other: Circle) -> float:
    away = hypot(one.x - other.x, one.y - other.y) + abs(one.radius - other.radius)
    return away / min(one.radius, other.radius)
