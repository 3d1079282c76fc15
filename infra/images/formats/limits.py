"""Limits of an image's size, and of the CPU time and memory of its decoding."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import ImageTooCostly


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Size limits of an image.

    Args:
        max_bytes: most bytes of the encoded image.
        max_side_px: most pixels of the longer side.
        max_pixels: most pixels, width times height.
        min_side_px: fewest pixels of the shorter side.
    """

    max_bytes: int = 16 * 1024 * 1024
    max_side_px: int = 12_000
    max_pixels: int = 65_000_000
    min_side_px: int = 32


@dataclass(frozen=True, slots=True)
class Effort:
    """Resources that decoding one file may use.

    Args:
        cpu_s: seconds of CPU; then the worker is killed.
        memory_bytes: of the worker, in total.
        max_pixels: larger images are not begun; None: no limit.
        niceness: of the worker, 0–19; higher gives way to other processes.
    """

    cpu_s: float = 0.9
    memory_bytes: int = 256 * 1024 * 1024
    max_pixels: int | None = None
    niceness: int = 0


FULL = Effort()
QUICK = Effort(cpu_s=0.2, max_pixels=13_000_000)
"""Enough for nearly all images; one that needs more is started again with `SLOW`, in a lane of its own."""
SLOW = Effort(niceness=5)
"""Its CPU time is reduced by what the quick attempt used: both together take less than a second."""


class TakesLonger(Exception):
    """The file needs more than the effort allows, and may be tried with a larger one.

    Args:
        spent_s: seconds of CPU already used; 0 if the header alone showed it.
    """

    def __init__(self, spent_s: float = 0.0) -> None:
        super().__init__()
        self.spent_s = spent_s


class NeedsKernels(Exception):
    """The file is of a format whose decoder is compiled; this process has not loaded compiled code."""


_INSTEAD = "Send it as a baseline JPEG or an 8-bit PNG, or with fewer pixels."


def over_time() -> ImageTooCostly:
    """The error for a file whose decoding exceeded its CPU time."""
    return ImageTooCostly(
        f"Decoding the image takes more than {FULL.cpu_s:g} s of CPU time. {_INSTEAD}",
        cpu_s=f"{FULL.cpu_s:g}",
    )


def over_memory(effort: Effort) -> ImageTooCostly:
    """The error for a file whose decoding exceeded its memory."""
    mebibytes = effort.memory_bytes // 2**20
    return ImageTooCostly(
        f"Decoding the image takes more than {mebibytes} MiB of memory. {_INSTEAD}",
        memory_mib=str(mebibytes),
    )
