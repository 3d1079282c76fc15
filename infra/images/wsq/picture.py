"""A picture whose blocks are decoded one after another, and joined when all are there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from infra.images.wsq.entropy import TOO_MANY, WRONG_CODE, decode_block, next_band
from infra.images.wsq.segments import damaged
from infra.images.wsq.subbands import layout
from infra.images.wsq.synthesis import join, polyphase, to_gray
from infra.images.wsq.tables import Filters, Frame, Quantisation


class Picture:
    """The coefficients of a picture.

    Memory is used as coefficients arrive: those that are zero take none until all are there.

    Args:
        data: the file.
        frame: its size, checked.
        filters: its filters.
        quantisation: its bins.
    """

    def __init__(self, data: bytes, frame: Frame, filters: Filters, quantisation: Quantisation) -> None:
        self._data = np.frombuffer(data, np.uint8)
        self._frame, self._filters, self._quantisation = frame, filters, quantisation
        self._bands, self._regions = layout(frame.width, frame.height)
        self._plane = np.zeros((frame.height, frame.width), np.float32)
        self._place = np.array([next_band(self._bands, quantisation.steps, 0), 0, 0], np.int64)

    def add(self, at: int, table: NDArray[np.uint16]) -> int:
        """Decode the block that begins at `at`; returns where it ends.

        Raises:
            ImageUndecodable: it is damaged.
        """
        steps, centre = self._quantisation.steps, np.float32(self._quantisation.centre)
        end = int(decode_block(self._data, at, table, self._bands, steps, centre, self._plane, self._place))
        if end == WRONG_CODE:
            raise damaged("its coded data has a wrong code")
        if end == TOO_MANY:
            raise damaged("it has more coefficients than pixels")
        return end

    @property
    def is_full(self) -> bool:
        """Whether all coefficients are there."""
        return int(self._place[0]) == len(self._bands)

    def write(self, pixels: NDArray[np.uint8]) -> None:
        """Write the grey levels, (height, width). The coefficients are used up."""
        join(self._plane, self._regions, polyphase(self._filters), self._filters.low_size % 2)
        to_gray(self._plane, np.float32(self._frame.scale), np.float32(self._frame.shift), pixels)
