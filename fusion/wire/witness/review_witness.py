"""Keeps a record of what happens to review cases by itself."""

from __future__ import annotations

from audit.lines import body
from audit.writer import now
from fusion.wire.witness.call_witness import Log

REVIEW = "REVIEW"
"""Kind of these records."""


class AuditedReviews:
    """The witness of reviews (`review.reviewing.witness.ReviewWitness`) that appends to an audit log.

    Args:
        log: where the records go.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    async def happened(self, name: str, event: str, state: str) -> None:
        """See ReviewWitness."""
        await self._log.append(REVIEW, body({"time": now(), "case": name, "event": event, "state": state}))
