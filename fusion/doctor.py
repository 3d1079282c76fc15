"""Why a matching service cannot be reached: found out once and told in the log, not by every call anew."""

from __future__ import annotations

import asyncio
import logging

from infra.diagnosis import Fault, diagnose

log = logging.getLogger("biofusion.matchers")


class Doctor:
    """Of one service.

    Args:
        name: of the service.
        target: of its channel.
        authority: PEM of what the channel trusts; None: no TLS.
    """

    def __init__(self, name: str, target: str, authority: bytes | None) -> None:
        self._name = name
        self._whom = target, authority
        self._details = ""
        self._fault: asyncio.Future[Fault] | None = None

    async def fault(self, details: str) -> Fault:
        """Why a call ended with these details; looked for while they are new, and until the service is well again."""
        if self._fault is None or details != self._details:
            self._details = details
            self._fault = asyncio.ensure_future(asyncio.to_thread(diagnose, details, *self._whom))
            fault = await asyncio.shield(self._fault)
            log.warning("the %s service cannot be reached: %s (%s)", self._name, fault, details)
            return fault
        return await asyncio.shield(self._fault)

    def is_well(self) -> None:
        """The service answered."""
        self._fault = None
