"""Small files that cost much are entered here, each under its name."""

from __future__ import annotations

from collections.abc import Callable

WIDTH, HEIGHT = 8000, 4900
"""Pixels of a size that passes the header."""

ENTERED: dict[str, Callable[[], bytes]] = {}


def bomb(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Register the function that makes a bomb under its name."""
    ENTERED[make.__name__] = make
    return make
