"""Mated full comparisons against NBIS bozorth3 on the same minutiae: two impressions of one finger."""

from __future__ import annotations

from benchmarks.fingerprint.fingerprint_comparison import measure_pair
from benchmarks.harness import Row


def measure() -> Row:
    """One print against 100 prints of the same finger."""
    return measure_pair("mates", "finger-1", "finger-2")
