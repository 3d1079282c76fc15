"""The registry of small files that are costly to decode, by name."""

from __future__ import annotations

from collections.abc import Callable

WIDTH, HEIGHT = 8000, 4900
"""Width and height that the check of the header accepts, px."""

ENTERED: dict[str, Callable[[], bytes]] = {}


def bomb(make: Callable[[], bytes]) -> Callable[[], bytes]:
    """Register the function that makes a bomb under its name."""
    ENTERED[make.__name__] = make
    return make
