"""The processes on a Ray cluster that work on jobs beside this one, if the settings ask for any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fusion.cluster.workplace import workplace
from infra.settings import Settings

HANDED_ON = (
    "face_target",
    "fingerprint_target",
    "iris_target",
    "max_message_bytes",
    "fmr",
    "fpir",
    "review_band_llr",
    "enrolled_prior",
    "min_quality_face",
    "min_quality_fingerprint",
    "min_quality_iris",
    "face_second_network",
    "job_lease_s",
    "job_idle_share",
    "job_retention_days",
    "job_folders",
)
"""Settings of this process by which the others work, too, so that it does not matter to a row who does it."""


@asynccontextmanager
async def helpers(settings: Settings) -> AsyncIterator[None]:
    """Keep as many processes working on the cluster as the settings ask for, until the context is left.

    Raises:
        ModuleNotFoundError: they ask for some, and Ray is not installed.
    """
    if not settings.job_ray_workers:
        yield
        return
    from fusion.cluster.ray_workers import Needs, RayWorkers  # noqa: PLC0415  # needs an extra

    needs = Needs(settings.job_ray_workers, settings.ray_cpus, settings.ray_memory_mb * 2**20)
    workers = RayWorkers(
        settings.ray_address, needs, partial(workplace, is_recorded=bool(settings.audit_folder), **handed_on(settings))
    )
    workers.start()
    try:
        yield
    finally:
        await workers.close()


def handed_on(settings: Settings) -> dict[str, Any]:
    """The settings that a process on the cluster takes from this one; none is a secret, or says where one is.

    Each works on one part of a job at a time.
    """
    return {"job_workers": 1, **{name: getattr(settings, name) for name in HANDED_ON}}
