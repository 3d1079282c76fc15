"""Opens the audit log of a process, as its settings say."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from audit.keyed_hashes import HashKeys
from audit.signing import SigningKey
from audit.writer import AuditLog
from biometrics.errors import ConfigurationInvalid
from fusion.models.facts import digest_of, facts_of
from fusion.models.model import FusionModel
from fusion.wire.witness.call_witness import CallWitness
from fusion.wire.witness.job_witness import AuditedJobs
from fusion.wire.witness.review_witness import AuditedReviews
from infra.serving.server import Registration
from infra.settings import Settings


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit log of a process, and who appends to it.

    Args:
        log: the log.
        calls: the witness of calls.
        jobs: the witness of jobs.
        reviews: the witness of review cases.
    """

    log: AuditLog
    calls: CallWitness
    jobs: AuditedJobs
    reviews: AuditedReviews

    async def close(self) -> None:
        """Write what waits and a last head; nothing is answered any more."""
        await asyncio.to_thread(self.log.close)


def open_audit(settings: Settings, model: FusionModel) -> Audit | None:
    """Open the log; None if none is configured.

    Raises:
        ConfigurationInvalid: a key is missing, or the folder cannot be used.
    """
    if not settings.audit_folder:
        return None
    if not (settings.audit_key_file and settings.audit_signing_key_file):
        raise ConfigurationInvalid(
            "BIOFUSION_AUDIT_FOLDER needs BIOFUSION_AUDIT_KEY_FILE, which hashes ids, and "
            "BIOFUSION_AUDIT_SIGNING_KEY_FILE. `biofusion audit keygen` makes both."
        )
    key = HashKeys.load(Path(settings.audit_key_file)).present
    signing = SigningKey.load(Path(settings.audit_signing_key_file))
    facts = facts_of(model)
    log = AuditLog(
        Path(settings.audit_folder),
        settings.audit_instance or platform.node() or "fusion",
        signing,
        {"version": _version(), "hash_key": key.key_id, "model": facts},
    )
    return Audit(log, CallWitness(log, key, digest_of(facts)), AuditedJobs(log), AuditedReviews(log))


def recorded(services: Sequence[Registration], audit: Audit | None) -> list[Registration]:
    """The services, which are not ready while no record of their calls can be kept."""
    return [replace(each, is_ready=audit.log.is_writable) for each in services] if audit else list(services)


def _version() -> str:
    try:
        return version("biofusion")
    except PackageNotFoundError:
        return ""
