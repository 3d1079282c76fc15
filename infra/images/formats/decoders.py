"""The registry of decoders. To add one, add an entry: which bytes it takes, and bytes → pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.images.formats import pillow_files
from infra.images.formats.facts import Facts, Sink
from infra.images.formats.limits import Effort, ImageLimits


@dataclass(frozen=True, slots=True)
class Decoder:
    """One decoder.

    Args:
        name: of the format, or of the library for several.
        takes: whether the bytes look like its format.
        decode: fills the array that `Sink` returns for a shape, (height, width) grey or (height, width, 3) RGB,
            upright, and returns the facts that the file states. Raises as `infra.images.decode.decode`; any other
            exception means a damaged file.
    """

    name: str
    takes: Callable[[bytes], bool]
    decode: Callable[[bytes, ImageLimits, Effort, Sink], Facts]


DECODERS = (Decoder("Pillow", lambda _: True, pillow_files.decode),)
"""The first entry that takes the bytes decodes them."""


def decode_here(
    data: bytes, limits: ImageLimits = ImageLimits(), effort: Effort = Effort(), sink: Sink | None = None
) -> tuple[NDArray[np.uint8], Facts]:
    """Decode in this process, without a guard: for the worker, and for this project's own files.

    Raises:
        InvalidInput: as `infra.images.decode.decode`.
        TakesLonger: more pixels than the effort allows.
    """
    made: list[NDArray[np.uint8]] = []

    def kept(shape: tuple[int, ...]) -> NDArray[np.uint8]:
        made.append(sink(shape) if sink else np.empty(shape, np.uint8))
        return made[0]

    facts = next(each for each in DECODERS if each.takes(data)).decode(data, limits, effort, kept)
    return made[0], facts
