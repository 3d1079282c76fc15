"""Reads the environment into a frozen dataclass. A test compares the README's settings table with this file."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

from biometrics.errors import ConfigurationInvalid
from infra.adapter_settings import AdapterSettings
from infra.caller_settings import CLIENT_VARIABLES, CallerSettings
from infra.console_settings import ConsoleSettings
from infra.review_settings import ReviewSettings
from infra.setting_fields import PREFIX, check_range, check_together, parsed, setting
from infra.store_settings import StoreSettings
from infra.telemetry_settings import TelemetrySettings

PORTS = {"fusion": 50050, "face": 50051, "fingerprint": 50052, "iris": 50053}
REVIEW_PORT = 50054


def data_dir() -> Path:
    """The user's data directory for this project (XDG base directories)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "biofusion"


_MIN_QUALITY = "{} samples of lower quality, 0–100, are not enrolled and cannot decide an outcome; 0: no limit"


@dataclass(frozen=True, slots=True)
class Settings(StoreSettings, CallerSettings, ConsoleSettings, ReviewSettings, TelemetrySettings, AdapterSettings):
    """Everything that can be configured, with the fields of its bases. Field `x_y` is read from `BIOFUSION_X_Y`.

    Raises:
        ConfigurationInvalid: a value of the wrong type or out of range.
    """

    ray_address: str = setting(
        "",
        "head of a Ray cluster, HOST:PORT, whose machines search and work on jobs; default: none, the services do",
        rare=True,
    )
    ray_shards: int = setting(8, "parts of the gallery on the Ray cluster; 2 to 4 for each machine", 1, 4096, rare=True)
    ray_replicas: int = setting(2, "processes for each part, on different machines", 1, 8, rare=True)
    ray_cpus: float = setting(1.0, "CPUs for each of these processes", 0.1, 256, rare=True)
    ray_memory_mb: int = setting(0, "memory that Ray reserves for each of them, MiB; 0: none", 0, 2**24, rare=True)
    index_memory_mb: int = setting(
        0, "memory that an index may fill, MiB; 0: INDEX_MEMORY_SHARE of the limit", 0, 2**24, rare=True
    )
    index_memory_share: float = setting(
        0.0, "share that an index may fill of the container's memory limit; 0, or no limit: any", 0, 0.95, rare=True
    )
    snapshots: str = setting(
        "", "directory, or `s3://BUCKET/FOLDER`, of snapshots for a quick start; default: none", rare=True
    )
    snapshots_endpoint: str = setting("", "address of the object store, if it is not AWS S3", rare=True)
    host: str = setting("127.0.0.1", "address to listen on")
    port: int = setting(
        -1,
        "port to listen on; 0 takes a free one; -1: 50050 fusion, 50051 face, 50052 fingerprint, 50053 iris, 50054 "
        "review",
        -1,
        65535,
    )
    health_port: int = setting(
        -1,
        "port that answers health checks and nothing else, in plain text also with TLS; 0 takes a free one; -1: none",
        -1,
        65535,
        rare=True,
    )
    allow_insecure_bind: bool = setting(
        False, "listen on other addresses than loopback without TLS (e.g. inside a service mesh)"
    )
    face_target: str = setting("127.0.0.1:50051", "where fusion finds the face service")
    fingerprint_target: str = setting("127.0.0.1:50052", "where fusion finds the fingerprint service")
    iris_target: str = setting("127.0.0.1:50053", "where fusion finds the iris service")
    worker_count: int = setting(0, "threads that run models and comparisons; 0: one per core", 0, 1024)
    max_pending: int = setting(
        1024, "most calls accepted and not yet answered; further ones are refused", 1, 1_000_000, rare=True
    )
    max_message_bytes: int = setting(64 * 1024 * 1024, "largest gRPC message accepted, bytes", 1024, 2**31 - 1)
    max_image_bytes: int = setting(
        16 * 1024 * 1024, "largest encoded image accepted, bytes", 1024, 2**31 - 1, rare=True
    )
    default_deadline_s: float = setting(30.0, "deadline of a request whose caller states none, seconds", 0.01, 3600)
    drain_s: float = setting(20.0, "time that running requests have after SIGTERM, seconds", 0, 3600, rare=True)
    fmr: float = setting(1e-4, "false match rate of verifications, by default", 1e-9, 0.1)
    fpir: float = setting(1e-2, "false positive identification rate of identifications, by default", 1e-9, 0.5)
    review_band_llr: float = setting(2.0, "REVIEW begins this far below the match threshold, in powers of ten", 0, 9)
    enrolled_prior: float = setting(
        0.5, "default probability, before a search, that the person is enrolled", 1e-9, 1 - 1e-9
    )
    min_quality_face: float = setting(20.0, _MIN_QUALITY.format("face"), 0, 100)
    min_quality_fingerprint: float = setting(20.0, _MIN_QUALITY.format("fingerprint"), 0, 100)
    min_quality_iris: float = setting(20.0, _MIN_QUALITY.format("iris"), 0, 100)
    face_second_network: bool = setting(
        True, "faces are described by two networks, SFace and dlib's; `false`: by SFace alone", rare=True
    )
    shadow_file: str = setting(
        "",
        "JSON Lines file of decisions that differ from another system's (`other_decision`); default: none",
        rare=True,
    )
    job_workers: int = setting(
        2, "parts of jobs that a fusion process works on at once; 0: it leaves them to others", 0, 64, rare=True
    )
    job_ray_workers: int = setting(
        0, "processes on the Ray cluster that each work on a part of a job for a fusion process", 0, 1024, rare=True
    )
    job_lease_s: float = setting(
        30.0, "time after which the part of a job whose process was lost is begun again, seconds", 1, 3600, rare=True
    )
    job_idle_share: float = setting(
        0.0, "part of its time in which a worker of jobs pauses for the sake of calls", 0, 0.95, rare=True
    )
    job_retention_days: float = setting(
        7.0, "time for which a job and its results are kept after its end, days", 0.01, 365, rare=True
    )
    job_folders: str = setting(
        "", "the only folders that jobs read from and write to, separated by `:`; default: none", rare=True
    )
    job_callback_origins: str = setting(
        "",
        "where callbacks of jobs may go, e.g. `https://a.org,+https://b.internal` (`+`: also to a private address)",
        rare=True,
    )
    job_callback_secret_file: str = setting("", "file of the key, of 32 bytes or more, that signs them", rare=True)

    def __post_init__(self) -> None:
        for each in fields(self):
            check_range(each.name, getattr(self, each.name), each.metadata["low"], each.metadata["high"])
        self.check_words()
        self.check_callers()
        self.check_console()
        self.check_adapters()
        check_together(self, "redis_tls_certificate", "redis_tls_key")
        if self.job_ray_workers and not self.ray_address:
            raise ConfigurationInvalid(f"{PREFIX}JOB_RAY_WORKERS needs {PREFIX}RAY_ADDRESS, the head of the cluster.")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings; an unknown variable with the project's prefix is refused as a typing error."""
        environment = os.environ if environment is None else environment
        known = {PREFIX + each.name.upper(): each for each in fields(cls)}
        others = OTHER_VARIABLES | CLIENT_VARIABLES
        unknown = sorted(k for k in environment if k.startswith(PREFIX) and k not in known and k not in others)
        if unknown:
            raise ConfigurationInvalid(f"{unknown[0]} is no setting. Known ones: {', '.join(known)}.")
        given: dict[str, Any] = {
            each.name: parsed(name, environment[name], each.default)
            for name, each in known.items()
            if name in environment
        }
        return cls(**given)

    @property
    def store(self) -> str:
        """The store's URL, with the default filled in."""
        return self.store_url or f"sqlite:///{data_dir() / 'biofusion.db'}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def workers(self) -> int:
        """Number of worker threads, with the default filled in."""
        return self.worker_count or os.cpu_count() or 1

    def check_bind(self) -> None:
        """Refuse to listen beyond loopback without TLS unless `allow_insecure_bind` is set.

        Raises:
            ConfigurationInvalid: the settings would do so.
        """
        self.check_token_port()
        if not (self.loopback or self.tls_certificate or self.allow_insecure_bind):
            raise ConfigurationInvalid(
                f"{PREFIX}HOST={self.host} is reachable from other machines and TLS is off. "
                f"Set {PREFIX}TLS_CERTIFICATE and {PREFIX}TLS_KEY, or "
                f"{PREFIX}ALLOW_INSECURE_BIND=true if something else protects the traffic."
            )


OTHER_VARIABLES = {PREFIX + "CACHE_DIR"}
"""Variables with the project's prefix that are read elsewhere (`infra/models/model_cache.py`)."""
