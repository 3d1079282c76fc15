"""Builds the door of a fusion server: with the policy that its settings name, or open."""

from __future__ import annotations

import logging
from pathlib import Path

from fusion.access.policy_file import PolicyFile
from fusion.jobs.job_rows import JobRows
from fusion.use_cases.subject_reads import GalleryReader
from fusion.wire.access.gate import PolicyGate
from fusion.wire.access.lookup import Lookup
from gallery.store.subject_store import PartitionedStore
from infra.identity.authentication import Authentication, Identified
from infra.serving.door import Door, Witness
from infra.settings import Settings

log = logging.getLogger("biofusion.policy")


def door_of(settings: Settings, store: PartitionedStore, witness: Witness | None = None) -> Door:
    """The door of a server of this store.

    Args:
        settings: name the policy's file.
        store: knows galleries and jobs.
        witness: keeps a record.

    Raises:
        ConfigurationInvalid: the policy, or what callers are to prove, cannot be used.
    """
    who = Identified(Authentication.of(settings))
    if settings.policy_file:
        lookup = Lookup(store, GalleryReader(store).of, JobRows(store.backend.documents).get)
        gate = PolicyGate(who, PolicyFile(Path(settings.policy_file)), lookup)
        return Door(gate, witness, gate)
    if settings.loopback:
        log.info("no policy is set: every caller of this machine may do everything")
    else:
        log.warning(
            "no policy is set: every caller that reaches %s may do everything; set BIOFUSION_POLICY_FILE", settings.host
        )
    return Door(who, witness)
