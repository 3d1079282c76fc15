"""The message of a callback: which job ended, and how."""

from __future__ import annotations

import json

from fusion.jobs.values import Job
from infra.requests.idempotence import derived_uuid


def delivery_id(job: Job) -> str:
    """The id of the message about this job's end."""
    return derived_uuid(f"{job.name}\ncallback")


def body_of(job: Job) -> bytes:
    """The message: what ended and how; no spec, no rows, no subjects."""
    counts = {"done": job.counts.done, "refused": job.counts.refused, "repeated": job.counts.repeated}
    facts = {"id": delivery_id(job), "name": job.name, "kind": job.kind, "state": job.state.value, "counts": counts}
    return json.dumps(facts, separators=(",", ":")).encode()
