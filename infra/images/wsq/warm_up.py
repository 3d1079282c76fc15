"""Calls every kernel of the decoder once, so that it is compiled or loaded."""

from __future__ import annotations

import numpy as np

from infra.images.huffman import LONGEST_CODE, lookup
from infra.images.wsq.picture import Picture
from infra.images.wsq.tables import SUBBANDS, Filters, Frame, Quantisation


def exercise() -> None:
    """Decode an empty block, with the same kinds of arguments as files have."""
    tap = np.ones(1, np.float32)
    quantisation = Quantisation(0.44, np.ones((SUBBANDS, 2), np.float32))
    picture = Picture(b"\xff\xa1", Frame(1, 1, 128.0, 1.0), Filters(tap, tap, 1, 1), quantisation)
    picture.add(0, lookup((bytes(LONGEST_CODE), b"")))
    picture.write(np.empty((1, 1), np.uint8))
