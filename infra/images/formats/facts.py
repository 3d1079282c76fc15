"""What a decoder hands over beside the pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sink = Callable[[tuple[int, ...]], NDArray[np.uint8]]
"""Gives the array, uint8 of this shape, that the pixels are to be written into."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of its image.

    Args:
        resolution_dpi: dots per inch across in the image as decoded, if stated.
        vertical_dpi: downwards, where they are others; None: as across.
        reduction: pixels of the file per pixel decoded, along each side: 1, 2 or 4.
    """

    resolution_dpi: float | None = None
    vertical_dpi: float | None = None
    reduction: int = 1
