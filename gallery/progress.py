"""How long work on a whole store tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with what is done, and with all there is; the second is 0 if it is not known."""


def silent(_done: int, _total: int) -> None:
    """Tell nothing."""
