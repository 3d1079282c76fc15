"""Compiles the comparators before anything is timed or under a deadline."""

from __future__ import annotations

from biometrics.template import Modality
from cli.local.modalities import comparator
from cli.output.output import remarks


def compile_comparators() -> None:
    """Make each comparator once, which compiles it.

    Slow where the machine code is not yet in the cache, quick where it is.
    """
    with remarks().status("compiling the comparators (once per version) …"):
        for modality in Modality:
            comparator(modality)
