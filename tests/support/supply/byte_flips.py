"""Files of models and calibrations with one flipped bit: how many of them are refused."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from biometrics.errors import ModelCorrupt


def flips(size: int, count: int, seed: int = 0) -> list[tuple[int, int]]:
    """`count` pairs of a byte's place and a bit of it; the first and the last byte are among them."""
    random = np.random.default_rng(seed)
    places = [0, size - 1, *map(int, random.integers(0, size, max(0, count - 2)))][:count]
    return list(zip(places, map(int, random.integers(0, 8, count)), strict=True))


@contextmanager
def flipped(path: Path, place: int, bit: int) -> Iterator[None]:
    """The file with one bit flipped, until the end of the block."""
    with path.open("r+b") as file:
        (before,) = os.pread(file.fileno(), 1, place)
        os.pwrite(file.fileno(), bytes([before ^ 1 << bit]), place)
        try:
            yield
        finally:
            os.pwrite(file.fileno(), bytes([before]), place)


def refusals(path: Path, load: Callable[[], object], count: int) -> int:
    """How many of `count` flips make `load` raise ModelCorrupt with a message that names the file."""
    refused = 0
    for place, bit in flips(path.stat().st_size, count):
        with flipped(path, place, bit):
            try:
                load()
            except ModelCorrupt as error:
                refused += path.name in error.message
    return refused
