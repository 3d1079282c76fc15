"""An eye as one look sees it, and what makes it doubtful."""

from __future__ import annotations

from typing import NamedTuple

from services.iris.localisation.gaze import View
from services.iris.localisation.localisation import Eye
from services.iris.localisation.pupil import step_inside
from services.iris.quality.measures import uncertainty
from services.iris.segmentation.circles import Gray
from services.iris.segmentation.network import Segmentation

DOUBTFUL = 0.3  # uncertainty of the network in iris or pupil: above, the image is looked at brighter
MIN_SUPPORT = 0.7  # of the pupil's edge: below, the same
MAX_UNCERTAINTY = 0.4  # in the iris, of an eye that is clear by itself
WIDE, FAINT = 0.55, 0.15  # pupil's radius in limbus's above, strength of the limbus below: both lie in the sclera
HOLLOW = 0.4  # pupil's radius in limbus's above: a step in it is looked for
STEP, STEP_SHARE = 1.5, 0.02  # in the pupil, grey levels, and in its contrast, at least: it has a pupil in it


class Seen(NamedTuple):
    """An eye in an image, perhaps straightened, as it is seen from `view`; `doubt` says what speaks against it."""

    gray: Gray
    found: Segmentation
    eye: Eye
    view: View
    doubt: str = ""

    @property
    def strength(self) -> float:
        """Of the limbus."""
        return self.eye.limbus.strength

    @property
    def support(self) -> float:
        """Of the pupil's edge."""
        return self.eye.pupil.support

    @property
    def doubtful(self) -> bool:
        """It may be something else than it is taken for."""
        return self.support < MIN_SUPPORT or self.vagueness > DOUBTFUL or self.swallowed

    @property
    def clear(self) -> bool:
        """It can be believed where another look sees something else."""
        certain = uncertainty(self.found.iris) <= MAX_UNCERTAINTY and not self.swallowed
        return self.support >= MIN_SUPPORT and certain

    @property
    def swallowed(self) -> bool:
        """What is taken for a pupil may be the whole of a dark iris."""
        return self.boundless or self.hollow

    @property
    def boundless(self) -> bool:
        """No limbus shows around a wide pupil."""
        return self.strength < FAINT and self._ratio > WIDE

    @property
    def hollow(self) -> bool:
        """A darker disc lies in the pupil."""
        least = max(STEP, STEP_SHARE * self.eye.pupil.contrast)
        return self._ratio > HOLLOW and step_inside(self.gray, self.eye.pupil.circle) >= least

    @property
    def _ratio(self) -> float:
        return self.eye.pupil.circle.radius / self.eye.limbus.circle.radius

    @property
    def vagueness(self) -> float:
        """Uncertainty of the network in iris or pupil, the greater."""
        return max(uncertainty(self.found.iris), uncertainty(self.found.pupil))
