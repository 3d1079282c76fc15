"""Calls every kernel of the decoder once, so that it is compiled or loaded."""

from __future__ import annotations

import numpy as np

from infra.images.jpeg.scan import decode_scan


def exercise() -> None:
    """Decode an empty scan, with the same kinds of arguments as files have."""
    lookups, places = np.zeros((1, 2**16), np.uint16), np.zeros(1, np.int64)
    decode_scan(np.frombuffer(b"\xff\xd9", np.uint8), 0, lookups, places, 1, 128, 0, np.zeros((1, 1, 1), np.uint16))
