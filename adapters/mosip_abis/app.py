"""Assembles the adapter: the queue, its operations and what they call; by HTTP it tells only whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette

from adapters.keeping.sealing import read_seal
from adapters.mosip_abis.configured import address_of, share_of
from adapters.mosip_abis.queue.answering import FIRST_WAIT_S, Answering
from adapters.mosip_abis.queue.broker import Broker
from adapters.mosip_abis.queue.outcomes import Outcomes
from adapters.mosip_abis.requests import COUNT, DELETE, IDENTIFY, INSERT
from adapters.mosip_abis.wire.persons import Persons
from adapters.mosip_abis.wire.searches import Searches
from adapters.serving import health_routes
from adapters.wire.fusion import Fusion
from infra.settings import Settings, data_dir

PORT = 8061
"""Where its health is told unless a setting says otherwise."""
AHEAD = 1000
"""Messages that are taken beside those that can be worked on, so that a ping is answered while inserts wait."""


def build(settings: Settings, fusion: Fusion, first_wait_s: float = FIRST_WAIT_S) -> Starlette:
    """The adapter. Must be called inside a running event loop; its lifespan works on the queue.

    Args:
        settings: of the adapter.
        fusion: the service.
        first_wait_s: seconds before the second attempt at a request.

    Raises:
        ConfigurationInvalid: a file cannot be used, or the broker is on another machine and TLS is off.
    """
    address, share, gallery = address_of(settings), share_of(settings), settings.mosip_abis_gallery
    persons, searches = Persons(fusion, share, gallery), Searches(fusion, share, gallery, settings.fpir)
    seal = read_seal(settings.mosip_abis_key_file, "BIOFUSION_MOSIP_ABIS_KEY_FILE")
    outcomes = Outcomes(settings.mosip_abis_database or str(data_dir() / "mosip-abis.db"), seal)
    performers = {
        INSERT: persons.insert,
        IDENTIFY: searches.identify,
        DELETE: persons.delete,
        COUNT: persons.count,
    }
    at_once = settings.mosip_abis_at_once
    answering = Answering(performers, outcomes, at_once, settings.mosip_abis_attempts, first_wait_s)
    broker = Broker(address, answering.answer, AHEAD + at_once)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        working = asyncio.create_task(broker.run())
        yield
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        outcomes.close()
        await fusion.close()

    return Starlette(routes=health_routes(fusion, lambda: broker.is_subscribed), lifespan=lifespan)
