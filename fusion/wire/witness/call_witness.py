"""Keeps a record of each call that passes the door of a server, before its answer leaves."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from biofusion.type.v1 import decision_pb2

from audit.keyed_hashes import HashKey
from audit.lines import body
from audit.writer import now
from biometrics.errors import BiofusionError
from fusion.wire.witness.messages import facts
from infra.deadlines import current_deadline
from infra.identity.remarks import remarks_of_call
from infra.identity.visit import Visit
from infra.serving.request_ids import current_request_id
from infra.wire.status import code_of

CALL = "CALL"
"""Kind of these records."""

FIELDS = (
    "time",
    "id",
    "method",
    "caller",
    "proof",
    "purpose",
    "case",
    "officer",
    "status",
    "reason",
    "outcome",
    "model",
    "request",
    "response",
    "remarks",
)
"""The fields of these records in their order (docs/reference/audit-record.md)."""

_OUTCOMES = {value.number: value.name.removeprefix("OUTCOME_") for value in decision_pb2.Outcome.DESCRIPTOR.values}


class Log(Protocol):
    """What records are appended to: an AuditLog."""

    async def append(self, kind: str, of: bytes) -> None:
        """Append a record's body; it is on disk when this returns. Raises AuditUnavailable."""
        ...


class CallWitness:
    """The witness (`infra.serving.door.Witness`) that appends to an audit log.

    Args:
        log: where the records go.
        key: makes the hashes that stand for ids.
        model: digest of the facts of the fusion model that decides here.
    """

    def __init__(self, log: Log, key: HashKey, model: str) -> None:
        self._log, self._key, self._model = log, key, model

    async def answered(self, visit: Visit, method: str, request: Any, response: Any) -> None:
        """Record a call before its answer leaves.

        Raises:
            AuditUnavailable: it cannot be recorded.
        """
        told = {"status": "OK"}
        if response is not None and "decision" in response.DESCRIPTOR.fields_by_name:
            told |= {"outcome": _OUTCOMES.get(response.decision.outcome, ""), "model": self._model}
        await self._record(visit, method, request, told, response)

    async def failed(self, visit: Visit, method: str, request: Any, error: BaseException) -> None:
        """Record a call that ends with an error. Raises as `answered`."""
        if isinstance(error, asyncio.CancelledError | TimeoutError):
            name = "DEADLINE_EXCEEDED" if current_deadline.get().has_passed else "CANCELLED"
            told = {"status": name, "reason": name}
        else:
            reason = error.reason if isinstance(error, BiofusionError) else "INTERNAL"
            told = {"status": code_of(error).name, "reason": reason}
        await self._record(visit, method, request, told, None)

    async def _record(self, visit: Visit, method: str, request: Any, told: dict[str, str], response: Any) -> None:
        caller, intent = visit.caller, visit.intent
        record = {
            "time": now(),
            "id": current_request_id.get(),
            "method": method,
            "caller": caller.name,
            "proof": caller.proof.value,
            "purpose": intent.purpose,
            "case": intent.case,
            "officer": intent.officer,
            **told,
            "request": facts(request, self._key),
            "response": facts(response, self._key),
            "remarks": remarks_of_call.get() or {},
        }
        await self._log.append(CALL, body({name: value for name in FIELDS if (value := record.get(name))}))
