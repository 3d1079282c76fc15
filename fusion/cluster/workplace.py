"""What a process on a cluster works on jobs with: the store of its machine's settings, and the matching services."""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from biometrics.errors import ConfigurationInvalid
from fusion.configured import fusion_model
from fusion.jobs.work.engine import JobEngine
from fusion.matching.connect import connect_all
from fusion.wire.jobs.assembly import working_engine
from fusion.wire.witness.opening import open_audit
from gallery.erasure_follower import scrubbed_after_erasures
from gallery.store.open_store import check_store, open_store
from gallery.store.options import StoreOptions
from infra.settings import Settings


@asynccontextmanager
async def workplace(*, is_recorded: bool = False, **handed_on: Any) -> AsyncIterator[JobEngine]:
    """The engine, which the caller starts; it is closed on exit.

    Neither the store's password nor the name of its key passes through the cluster: the machine's environment says
    where they are. The variable of `gallery/erased_memory.py` must be set there before Ray starts, as this process
    cannot start itself anew.

    Args:
        is_recorded: whether the fusion process keeps an audit log. Then this process needs one, too, with a chain of
            its own, where the machine's environment says.
        handed_on: settings of the fusion process that stand in for those of this machine.

    Raises:
        ConfigurationInvalid: the settings cannot be used, e.g. a folder of jobs is not on this machine.
        StoreUnavailable: the store does not answer.
    """
    own = Settings.from_environment()
    if is_recorded and not own.audit_folder:
        raise ConfigurationInvalid(
            "The fusion service keeps an audit log, and this machine of the cluster has none for the jobs it works "
            "on. Set BIOFUSION_AUDIT_FOLDER and the files of its keys there."
        )
    instance = f"{own.audit_instance or platform.node() or 'cluster'}-jobs-{os.getpid()}"
    settings = replace(own, audit_instance=instance, **handed_on)
    store = open_store(settings.store, StoreOptions.of(settings))
    matchers = connect_all(settings)
    try:
        await check_store(store)
        model = fusion_model(settings)
        audit = open_audit(settings, model)
        engine = working_engine(matchers, store, model, settings, audit.jobs if audit else None)
        try:
            async with scrubbed_after_erasures(store):
                yield engine
        finally:
            await engine.close()
            if audit:
                await audit.close()
    finally:
        for matcher in matchers.values():
            await matcher.close()
        await store.close()
