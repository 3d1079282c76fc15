from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import pytest

from biometrics.errors import ServiceUnavailable
from fusion.matching.breaker import Breaker

PATIENCE_S = 0.05
LONG_S = 60.0


@dataclass
class Service:
    """A health check that answers as set, and records how it was called."""

    lives: bool
    pings: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    thawed: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, timeout_s: float, *, reconnecting: bool) -> bool:
        """Answer a health check."""
        self.pings += 1
        self.asked.set()
        if not self.lives and reconnecting and self.pings > 2:
            await self.thawed.wait()
            self.lives = True
        return self.lives


async def hang(breaker: Breaker) -> None:
    """A call that is never answered."""
    breaker.check()
    call = asyncio.get_running_loop().create_future()
    with breaker.waiting_for(call):
        await call


async def test_a_service_that_hangs_is_not_called_until_it_answers() -> None:
    """Waiting calls are ended, new calls are refused at once, and the first answer closes the breaker."""
    service = Service(lives=False)
    breaker = Breaker("iris", service, PATIENCE_S)
    async with asyncio.timeout(LONG_S):
        ended = await asyncio.gather(*(hang(breaker) for _ in range(8)), return_exceptions=True)
        assert [ServiceUnavailable] * 8 == [type(each) for each in ended]
        with pytest.raises(ServiceUnavailable, match="hangs"):
            breaker.check()
        service.thawed.set()
        assert breaker._watch is not None
        await breaker._watch
    breaker.check()


async def test_a_busy_service_is_still_called() -> None:
    """A slow call, or one that runs out of time, does not open the breaker while the process answers health checks."""
    service = Service(lives=True)
    breaker = Breaker("iris", service, PATIENCE_S)
    waiting = [asyncio.create_task(hang(breaker)) for _ in range(8)]
    async with asyncio.timeout(LONG_S):
        while service.pings < 5:
            service.asked.clear()
            await service.asked.wait()
    breaker.check()
    assert not any(each.done() for each in waiting)
    for each in waiting:
        each.cancel()
    assert [asyncio.CancelledError] * 8 == [
        type(each) for each in await asyncio.gather(*waiting, return_exceptions=True)
    ]


async def test_a_stall_of_this_process_is_not_held_against_the_service() -> None:
    """A health check that this process could not send, or whose answer it could not read in time, does not count."""

    class Stalled(Service):
        """The first health check fails because this process does not run."""

        async def __call__(self, timeout_s: float, *, reconnecting: bool) -> bool:
            """Answer a health check."""
            if not self.pings:
                begin = time.monotonic()
                while time.monotonic() - begin < 3 * PATIENCE_S:
                    pass
                self.pings = 1
                return False
            return await super().__call__(timeout_s, reconnecting=reconnecting)

    service = Stalled(lives=True)
    breaker = Breaker("iris", service, PATIENCE_S)
    waiting = asyncio.create_task(hang(breaker))
    async with asyncio.timeout(LONG_S):
        await service.asked.wait()
    breaker.check()
    assert not waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_a_service_that_answers_other_calls_is_not_checked() -> None:
    """While any call is answered no health check is sent."""
    service = Service(lives=False)
    breaker = Breaker("iris", service, LONG_S)
    waiting = asyncio.create_task(hang(breaker))
    for _ in range(10):
        with breaker.waiting_for(asyncio.get_running_loop().create_future()):
            await asyncio.sleep(0)
    assert 0 == service.pings
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    breaker.close()
