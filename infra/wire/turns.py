"""Converts long lists on the event loop in parts, so that other calls are not blocked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

TURN = 256
"""Items per part: they are converted in 1 to 3 ms."""


async def in_turns(convert: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Convert all items, in order; other calls run between the parts, and a deadline may cancel it there."""
    converted: list[Result] = []
    for first in range(0, len(items), TURN):
        if first:
            await asyncio.sleep(0)
        converted += map(convert, items[first : first + TURN])
    return converted
