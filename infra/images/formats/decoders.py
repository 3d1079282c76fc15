"""The registry of decoders. To add one, add an entry: which bytes it takes, and bytes → pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from infra.images.formats import pillow_files
from infra.images.formats.facts import Facts, Sink
from infra.images.formats.limits import Effort, ImageLimits, NeedsKernels
from infra.images.jpeg import jpeg_ls
from infra.images.jpeg.segments import Marker, frame_kind

WSQ_START = b"\xff\xa0\xff"


@dataclass(frozen=True, slots=True)
class Decoder:
    """One decoder.

    Args:
        name: of the format, or of the library for several.
        takes: whether the bytes look like its format.
        decode: fills the array that `Sink` returns for a shape, (height, width) grey or (height, width, 3) RGB,
            upright, and returns the facts that the file states. Raises as `infra.images.decode.decode`; any other
            exception means a damaged file.
        is_compiled: whether it needs numba, which only some of the workers have loaded.
    """

    name: str
    takes: Callable[[bytes], bool]
    decode: Callable[[bytes, ImageLimits, Effort, Sink], Facts]
    is_compiled: bool = False


def _wsq(data: bytes, limits: ImageLimits, effort: Effort, sink: Sink) -> Facts:
    from infra.images.wsq.decode import decode  # noqa: PLC0415  # loads numba

    return decode(data, limits, effort, sink)


def _lossless_jpeg(data: bytes, limits: ImageLimits, effort: Effort, sink: Sink) -> Facts:
    from infra.images.jpeg.lossless import decode  # noqa: PLC0415  # loads numba

    return decode(data, limits, effort, sink)


DECODERS = (
    Decoder("WSQ", lambda data: data.startswith(WSQ_START), _wsq, is_compiled=True),
    Decoder("JPEG-LS", lambda data: frame_kind(data) == Marker.JPEG_LS_FRAME, jpeg_ls.decode),
    Decoder("lossless JPEG", lambda data: frame_kind(data) == Marker.LOSSLESS_FRAME, _lossless_jpeg, is_compiled=True),
    Decoder("Pillow", lambda _: True, pillow_files.decode),
)
"""The first entry that takes the bytes decodes them."""


def decode_here(
    data: bytes,
    limits: ImageLimits = ImageLimits(),
    effort: Effort = Effort(),
    sink: Sink | None = None,
    *,
    has_kernels: bool = True,
) -> tuple[NDArray[np.uint8], Facts]:
    """Decode in this process, without a guard: for the worker, and for this project's own files.

    Raises:
        InvalidInput: as `infra.images.decode.decode`.
        TakesLonger: more pixels than the effort allows.
        NeedsKernels: its decoder is compiled, and `has_kernels` is false.
    """
    chosen = next(each for each in DECODERS if each.takes(data))
    if chosen.is_compiled and not has_kernels:
        raise NeedsKernels
    made: list[NDArray[np.uint8]] = []

    def kept(shape: tuple[int, ...]) -> NDArray[np.uint8]:
        made.append(sink(shape) if sink else np.empty(shape, np.uint8))
        return made[0]

    facts = chosen.decode(data, limits, effort, kept)
    return made[0], facts
