"""Opens the store that a command of `biofusion gallery` works on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import click

from gallery.store.open_store import open_store, require_store
from gallery.store.options import StoreOptions
from gallery.store.subject_store import PartitionedStore
from infra.settings import Settings

Result = TypeVar("Result")

store_option = click.option("--store", "url", default="", help="URL of the store; default: BIOFUSION_STORE_URL.")


@asynccontextmanager
async def opened(url: str, *, with_keys: bool = True, may_make: bool = False) -> AsyncIterator[PartitionedStore]:
    """The store of a URL, or of the settings if it is "", checked.

    Args:
        url: names the store.
        with_keys: whether its keys must be usable; a copy of a store may have none.
        may_make: whether a file that does not exist is made; else it is an error, as the name is probably wrong.

    Raises:
        ConfigurationInvalid: the store, or a setting, cannot be used.
        StoreUnavailable: the store does not answer.
    """
    settings = Settings.from_environment()
    if not may_make:
        require_store(url or settings.store)
    store = open_store(url or settings.store, StoreOptions.of(settings))
    try:
        await (store.ping() if with_keys else store.backend.ping())
        yield store
    finally:
        await store.close()


def on_store(url: str, work: Callable[[PartitionedStore], Awaitable[Result]], *, may_make: bool = False) -> Result:
    """The result of work on the store. Raises as `opened` and `work`."""

    async def run() -> Result:
        async with opened(url, may_make=may_make) as store:
            return await work(store)

    return asyncio.run(run())
