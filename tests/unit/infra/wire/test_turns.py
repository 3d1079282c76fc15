from __future__ import annotations

import asyncio

import pytest

from infra.wire.turns import in_turns


async def test_a_long_list_is_converted_while_other_tasks_run() -> None:
    """The result is in order; another task runs before it is complete."""
    converted: list[int] = []

    async def other() -> int:
        return len(converted)

    def convert(number: int) -> int:
        converted.append(number)
        return -number

    turn = asyncio.create_task(other())
    assert [-number for number in range(1000)] == await in_turns(convert, range(1000))
    assert 0 < await turn < 1000


async def test_a_deadline_ends_the_conversion() -> None:
    """It ends after the part in which the deadline passes."""
    converted: list[int] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await in_turns(converted.append, range(1000))
    assert len(converted) < 1000
