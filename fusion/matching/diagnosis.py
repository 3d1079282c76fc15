"""Why a matching service cannot be reached: diagnosed once and logged, not again by every failing call."""

from __future__ import annotations

import asyncio
import logging

from infra.identity.tls_files import TlsFiles
from infra.wire.diagnosis import TIME_S, diagnose
from infra.wire.faults import Fault, fault_of

log = logging.getLogger("biofusion.matchers")


class Diagnoser:
    """Diagnoses the connection to one service.

    Args:
        name: name of the service, for the log.
        target: target of its channel.
        files: what the channel trusts and shows; None without TLS.
    """

    def __init__(self, name: str, target: str, files: TlsFiles | None) -> None:
        self._name, self._whom = name, (target, files)
        self._told: Fault | None = None
        self._found: asyncio.Task[Fault] | None = None

    async def fault(self, details: str) -> Fault:
        """Why a call failed with these gRPC details.

        Diagnosed anew only if the details name another fault than before, or the service has answered since.
        """
        told = fault_of(details)
        if self._found is None or told is not self._told:
            self._told, self._found = told, asyncio.create_task(self._look(details))
        await asyncio.wait([self._found], timeout=TIME_S)  # at most this much of the caller's time
        return self._found.result() if self._found.done() else told

    def is_well(self) -> None:
        """Note that the service answered, so that the next failure is diagnosed anew."""
        self._found = None

    async def _look(self, details: str) -> Fault:
        fault = await asyncio.to_thread(diagnose, details, *self._whom)
        log.warning("the %s service cannot be reached: %s (%s)", self._name, fault, details)
        return fault
