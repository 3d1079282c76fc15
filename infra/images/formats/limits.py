"""What an image may be, and what its decoding may cost."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import ImageTooCostly


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What an image may be at most, and at least.

    Args:
        max_bytes: size of the encoded image.
        max_side_px: longer side.
        max_pixels: width times height.
        min_side_px: shorter side.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_side_px: int = 12_000
    max_pixels: int = 65_000_000
    min_side_px: int = 32


@dataclass(frozen=True, slots=True)
class Effort:
    """What the decoding of one file may cost.

    Args:
        cpu_s: seconds of CPU before the worker is killed.
        memory_bytes: of the worker, all told.
        max_pixels: of an image that is begun at all; None: any.
        niceness: by which the worker gives way to others, 0–19.
    """

    cpu_s: float = 0.9
    memory_bytes: int = 256 * 1024 * 1024
    max_pixels: int | None = None
    niceness: int = 0


FULL = Effort()
QUICK = Effort(cpu_s=0.2, max_pixels=13_000_000)
"""What nearly all images need; one that needs more is begun again where it holds up nobody."""
SLOW = Effort(niceness=5)
"""Less what the quick lane has spent: both together take less than a second."""


class TakesLonger(Exception):
    """The file needs more than the effort allows, and may be tried with more.

    Args:
        spent_s: seconds of CPU that were spent on it; 0 where its header said so.
    """

    def __init__(self, spent_s: float = 0.0) -> None:
        super().__init__()
        self.spent_s = spent_s


_INSTEAD = "Send it encoded anew as a baseline JPEG or an 8-bit PNG, or with fewer pixels."


def over_time() -> ImageTooCostly:
    """The error of a file whose decoding did not end in its time."""
    return ImageTooCostly(
        f"Decoding the image takes more than {FULL.cpu_s:g} s of a processor. {_INSTEAD}",
        cpu_s=f"{FULL.cpu_s:g}",
    )


def over_memory(effort: Effort) -> ImageTooCostly:
    """The error of a file whose decoding did not fit into its memory."""
    mebibytes = effort.memory_bytes // 2**20
    return ImageTooCostly(
        f"Decoding the image takes more than {mebibytes} MiB of memory. {_INSTEAD}",
        memory_mib=str(mebibytes),
    )
