"""What the engine of jobs can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from fusion.jobs.folders import JobFolders
from infra.callbacks.origins import Origins
from infra.callbacks.signing import read_secret

DAY_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class JobOptions:
    """Options of a process that works on jobs.

    Args:
        workers: chunks that are worked on at once; 0: this process only takes and answers calls about jobs.
        lease_s: seconds after which the chunk of a process that does not answer is taken over, above 0. The clocks of
            the machines must agree to a third of it.
        poll_s: seconds between looks at the store for jobs that other processes have made, above 0.
        retry_s: seconds before a part that met an error is begun again; doubled every time, up to 30 s.
        idle_share: part of its time, 0 to 0.95, in which a worker pauses between rows for the sake of online calls.
        retention_s: seconds for which a job and its results are kept after its end.
        folders: the only folders that jobs read from and write to.
        origins: whom callbacks may be sent to.
        secret_file: the key with which callbacks are signed; "" if there are none.
    """

    workers: int = 2
    lease_s: float = 30.0
    poll_s: float = 1.0
    retry_s: float = 0.1
    idle_share: float = 0.0
    retention_s: float = 7 * DAY_S
    folders: JobFolders = field(default_factory=JobFolders)
    origins: Origins = field(default_factory=Origins)
    secret_file: str = ""

    @classmethod
    def of(cls, settings: Any) -> Self:
        """The options among the settings of a program.

        Raises:
            ConfigurationInvalid: an origin, a folder or the key of the signatures cannot be used.
        """
        origins = Origins.parse(settings.job_callback_origins)
        if origins.allowed:
            read_secret(settings.job_callback_secret_file)
        return cls(
            workers=settings.job_workers,
            lease_s=settings.job_lease_s,
            idle_share=settings.job_idle_share,
            retention_s=settings.job_retention_days * DAY_S,
            folders=JobFolders.parse(settings.job_folders),
            origins=origins,
            secret_file=settings.job_callback_secret_file,
        )
