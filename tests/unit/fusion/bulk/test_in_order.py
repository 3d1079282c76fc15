"""Rows that are worked on at once and reported in order."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from biometrics.errors import FieldInvalid, ServiceUnavailable
from fusion.bulk.work import in_order as module
from fusion.bulk.work.in_order import in_order, patiently


async def test_results_are_in_order_and_few_run() -> None:
    """Whatever ends first, results come in order; at most so many run, and they run ahead of a slow taker."""
    running, most = 0, 0

    async def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(number * 7 % 5):
            await asyncio.sleep(0)
        running -= 1
        return number

    assert list(range(50)) == [each async for each in in_order(map(work, range(50)), 4)]
    assert 4 == most


async def test_what_is_closed_leaves_nothing_behind() -> None:
    """When the results are no longer taken, what runs is cancelled, and what had no turn is closed silently."""
    ended = list[int]()

    async def work(number: int) -> int:
        try:
            if number:
                await asyncio.Event().wait()
        finally:
            ended.append(number)
        return number

    async with aclosing(in_order(map(work, range(100)), 3)) as results:
        assert 0 == await anext(results)
    assert [0, 1, 2] == sorted(ended)[:3]
    assert len(ended) <= 4


async def test_an_error_comes_in_its_place() -> None:
    """Results before the error are given; then it is raised."""

    async def work(number: int) -> int:
        if number == 2:
            raise ValueError
        return number

    results = in_order(map(work, range(5)), 5)
    assert [0, 1] == [await anext(results), await anext(results)]
    with pytest.raises(ValueError):  # noqa: PT011
        await anext(results)


async def test_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What time repairs is tried four times in all; other errors are raised at once."""
    monkeypatch.setattr(module, "PAUSES_S", (0.0, 0.0, 0.0))
    tries = 0

    async def failing(error: Exception, times: int) -> int:
        nonlocal tries
        tries += 1
        if tries <= times:
            raise error
        return tries

    assert 4 == await patiently(lambda: failing(ServiceUnavailable("down"), 3))
    tries = 0
    with pytest.raises(ServiceUnavailable):
        await patiently(lambda: failing(ServiceUnavailable("down"), 4))
    tries = 0
    with pytest.raises(FieldInvalid):
        await patiently(lambda: failing(FieldInvalid("x", "bad."), 1))
    assert 1 == tries
