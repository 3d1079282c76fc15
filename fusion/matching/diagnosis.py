"""Why a matching service cannot be reached: found out once and told in the log, not by every call anew."""

from __future__ import annotations

import asyncio
import logging

from infra.wire.diagnosis import TIME_S, Fault, diagnose, fault_of

log = logging.getLogger("biofusion.matchers")


class Diagnoser:
    """Of one service.

    Args:
        name: of the service.
        target: of its channel.
        authority: PEM of what the channel trusts; None: no TLS.
    """

    def __init__(self, name: str, target: str, authority: bytes | None) -> None:
        self._name = name
        self._whom = target, authority
        self._told: Fault | None = None
        self._found: asyncio.Task[Fault] | None = None

    async def fault(self, details: str) -> Fault:
        """Why a call ended with these details; looked for when they tell something else, or after it was well."""
        told = fault_of(details)
        if self._found is None or told is not self._told:
            self._told, self._found = told, asyncio.create_task(self._look(details))
        await asyncio.wait([self._found], timeout=TIME_S)  # it is not worth more of the caller's time
        return self._found.result() if self._found.done() else told

    def is_well(self) -> None:
        """The service answered."""
        self._found = None

    async def _look(self, details: str) -> Fault:
        fault = await asyncio.to_thread(diagnose, details, *self._whom)
        log.warning("the %s service cannot be reached: %s (%s)", self._name, fault, details)
        return fault
