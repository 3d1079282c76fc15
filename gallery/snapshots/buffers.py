"""Memory for what is read, used again as soon as nobody uses it any more."""

from __future__ import annotations

from sys import getrefcount

import numpy as np
from numpy.typing import NDArray

LEAST_BYTES = 1 << 20
MOST = 32
UNUSED = 2
"""Counted references to an array that only its list has, and the argument of the counting."""


class Buffers:
    """Up to 32 arrays of 1 MB or more.

    New memory costs more time than the decryption of what is put there, as the operating system maps and clears each of
    its pages at the first use. An array is free when nothing but the list refers to it: views of it refer to it too, so
    it need not be given back.
    """

    def __init__(self) -> None:
        self._all: list[NDArray[np.uint8]] = []

    def free(self, size: int) -> NDArray[np.uint8]:
        """An array of so many bytes, with any content."""
        for place in range(len(self._all)):
            if getrefcount(self._all[place]) == UNUSED and self._all[place].size >= size:
                return self._all[place][:size]
        self._all = [*self._all[1 - MOST :], np.empty(max(size, LEAST_BYTES), np.uint8)]
        return self._all[-1][:size]
