"""What a decoder returns besides the pixels: resolution and reduction; and the type of the array it writes to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sink = Callable[[tuple[int, ...]], NDArray[np.uint8]]
"""Returns a uint8 array of this shape to write the pixels into."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that a file states about its image.

    Args:
        resolution_dpi: horizontal dots per inch in the image as decoded; None: not stated.
        vertical_dpi: vertical dots per inch if they differ; None: as horizontal.
        reduction: pixels of the file per pixel decoded, along each side: 1, 2 or 4.
    """

    resolution_dpi: float | None = None
    vertical_dpi: float | None = None
    reduction: int = 1
