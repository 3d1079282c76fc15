"""Reads the resolution from the comment that NIST's tools write into WSQ and JPEG files."""

from __future__ import annotations

import re

_RESOLUTION = re.compile(rb"NIST_COM\b.*?^PPI (\d{1,5})\s*$", re.DOTALL | re.MULTILINE)


def resolution(comment: bytes) -> float | None:
    """Dots per inch that the comment states in a line `PPI 500`; None if it states none, 0 or −1."""
    stated = _RESOLUTION.match(comment)
    return (float(stated[1]) or None) if stated else None
