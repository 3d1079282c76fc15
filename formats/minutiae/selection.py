"""Which minutiae are kept where there is room for fewer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from formats.contents import MinutiaeContent

UNKNOWN_CONFIDENCE = 0.5
"""What a confidence that is not stated counts as. Error rates differ little between 0.3 and 1."""


def part(content: MinutiaeContent, chosen: NDArray[np.intp] | NDArray[np.bool_]) -> MinutiaeContent:
    """The same view with chosen minutiae, in the order of the choice."""
    fields = ("x", "y", "angle", "kind", "confidence")
    return replace(content, **{name: getattr(content, name)[chosen] for name in fields})


def most_confident(content: MinutiaeContent, most: int) -> MinutiaeContent:
    """At most so many minutiae, in their order: the most confident, and of equal ones those nearest to the middle.

    The middle is the mean position of all. Of two at one distance the earlier is kept.
    """
    if len(content) <= most:
        return content
    confidence = np.where(np.isnan(content.confidence), UNKNOWN_CONFIDENCE, content.confidence)
    distance = np.hypot(content.x - content.x.mean(), content.y - content.y.mean())
    return part(content, np.sort(np.lexsort((distance, -confidence))[:most]))
