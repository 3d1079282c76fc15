"""Minutiae detection in images cropped to the finger, against the published graph on the whole padded image.

`python -m benchmarks.fingerprint.fingerprint_detection FILES…` measures other images, one finger each at 500 dpi, and
prints the sums of CPU time of the thread.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Row, compare
from benchmarks.limits import convolution_ms
from infra.images.decode import decode
from infra.models.model_cache import asset, load_bytes
from services.fingerprint.extraction.network import MinutiaeNetwork, crop
from services.fingerprint.extraction.segmentation import find_finger

Picture = tuple[NDArray[np.uint8], NDArray[np.bool_]]
"""Grey levels of an image, and the mask of the finger's cells."""


def measure() -> Row:
    """The three demo fingers one after another, one thread."""
    pictures = [_picture(asset(f"finger-{number}")) for number in (1, 2, 3)]
    ours, stock = _both()
    frames = [crop(*picture)[0] for picture in pictures]
    limit = sum(convolution_ms(load_bytes("leader"), input=frame[None, :, :, None]) for frame in frames)
    return compare(
        "minutiae of three fingers, 400×500 px",
        lambda: [ours.detect(*picture) for picture in pictures],
        "published graph, not cropped",
        lambda: [stock.detect(gray, np.ones_like(finger)) for gray, finger in pictures],
        (limit, "its convolutions at the rate of sgemm"),
    )


def main(paths: list[str]) -> None:
    """Measure both networks alternately on these images and print the sums."""
    ours, stock = _both()
    mine, theirs = 0.0, 0.0
    for path in paths:
        gray, finger = _picture(Path(path).read_bytes())
        mine += _seconds(partial(ours.detect, gray, finger))
        theirs += _seconds(partial(stock.detect, gray, np.ones_like(finger)))
    print(f"{len(paths)} images: ours {mine:.2f} s, published graph {theirs:.2f} s, ratio {theirs / mine:.2f}×")


def _both() -> tuple[MinutiaeNetwork, MinutiaeNetwork]:
    return MinutiaeNetwork.load(), MinutiaeNetwork.load_published()


def _picture(data: bytes) -> Picture:
    gray = decode(data).gray
    return gray, find_finger(gray).mask


def _seconds(work: Callable[[], object]) -> float:
    begin = time.thread_time()
    work()
    return time.thread_time() - begin


if __name__ == "__main__":
    main(sys.argv[1:])
