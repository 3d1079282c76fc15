"""An eye as found by one look, i.e. one segmentation of the image, and the signs that make it doubtful."""

from __future__ import annotations

from typing import NamedTuple

from services.iris.localisation.gaze import View
from services.iris.localisation.localisation import Eye
from services.iris.localisation.pupil import step_inside
from services.iris.quality.measures import uncertainty
from services.iris.segmentation.circles import Gray
from services.iris.segmentation.network import Segmentation

DOUBTFUL = 0.3  # network's uncertainty in iris or pupil; above it, a brighter look follows
MIN_SUPPORT = 0.7  # of the pupil's edge; below it, a brighter look follows
MAX_UNCERTAINTY = 0.4  # in the iris; at most this for an eye that is clear by itself
WIDE, FAINT = 0.55, 0.15  # pupil-limbus ratio above, limbus strength below: both circles may lie in the sclera
MIN_STEP_RATIO = 0.4  # pupil-limbus ratio above which a step inside the pupil is measured
STEP, STEP_SHARE = 1.5, 0.02  # least step inside the pupil, grey levels and share of its contrast: it contains a pupil


class SeenEye(NamedTuple):
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
    def doubtful(self) -> bool:
        """Whether the circles may be something else than pupil and limbus."""
        return self.support < MIN_SUPPORT or self.vagueness > DOUBTFUL or self.pupil_may_be_iris

    @property
    def clear(self) -> bool:
        """Whether it can be trusted although another look disagrees."""
        certain = uncertainty(self.found.iris) <= MAX_UNCERTAINTY and not self.pupil_may_be_iris
        return self.support >= MIN_SUPPORT and certain

    @property
    def pupil_may_be_iris(self) -> bool:
        """Whether the presumed pupil may be the whole of a dark iris."""
        return self.lacks_limbus or self.has_darker_disc

    @property
    def lacks_limbus(self) -> bool:
        """Whether the pupil is wide and no limbus shows around it."""
        return self.strength < FAINT and self._ratio > WIDE

    @property
    def has_darker_disc(self) -> bool:
        """Whether a darker disc lies in the pupil."""
        least = max(STEP, STEP_SHARE * self.eye.pupil.contrast)
        return self._ratio > MIN_STEP_RATIO and step_inside(self.gray, self.eye.pupil.circle) >= least

    @property
    def _ratio(self) -> float:
        return self.eye.pupil.circle.radius / self.eye.limbus.circle.radius

    @property
    def vagueness(self) -> float:
        """The network's uncertainty in iris or pupil, the larger one."""
        return max(uncertainty(self.found.iris), uncertainty(self.found.pupil))
