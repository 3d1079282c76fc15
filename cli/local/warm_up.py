"""Compiling the comparators before a command times anything or sets a deadline."""

from __future__ import annotations

from biometrics.template import Modality
from cli.local.modalities import comparator
from cli.output.output import remarks


def compile_comparators() -> None:
    """Make each comparator once, which compiles its kernels.

    This is slow only while the machine code is not yet in numba's cache.
    """
    with remarks().status("compiling the comparators (once per version) …"):
        for modality in Modality:
            comparator(modality)
