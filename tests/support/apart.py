"""The fusion service on a server of its own, which calls the matching services of another server over gRPC."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from fusion.__main__ import assemble
from fusion.matching.connect import connect_all
from fusion.wire.reviewing import connect_reviews
from gallery.store.open_store import open_store
from gallery.store.options import StoreOptions
from infra.deadlines import seconds_left
from infra.serving.server import Server
from infra.settings import PORTS, Settings


@contextmanager
def fusion_of(settings: Settings, matching: str) -> Iterator[str]:
    """Run the fusion service in a thread; gives its address.

    Args:
        settings: of the server whose store it shares.
        matching: address of that server, whose matching services it calls, and where it opens review cases.
    """
    targets = dict.fromkeys(("face_target", "fingerprint_target", "iris_target", "review_target"), matching)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ended = asyncio.Event()
    listening: asyncio.Future[str] = loop.create_future()

    async def serve() -> None:
        own = replace(settings, port=0, metrics_port=-1, **targets)
        store = open_store(own.store, StoreOptions.of(own), left_s=seconds_left)
        server, matchers, reviews = Server(own, PORTS["fusion"]), connect_all(own), connect_reviews(own)
        await server.start(assemble(matchers, store, own, reviews=reviews))
        listening.set_result(server.address)
        await ended.wait()
        await server.stop()
        await asyncio.gather(*(each.close() for each in matchers.values()))
        if reviews:
            await reviews.close()
        await store.close()

    async def address() -> str:
        return await listening

    running = asyncio.run_coroutine_threadsafe(serve(), loop)
    try:
        yield asyncio.run_coroutine_threadsafe(address(), loop).result(60)
    finally:
        loop.call_soon_threadsafe(ended.set)
        running.result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
