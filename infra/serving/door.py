"""What every call of this project's services passes: the gate, the witness, which records it, and the exit.

Health checks and reflection do not pass: an orchestrator has no identity, and the contracts are public.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from infra.identity.intent import Intent
from infra.identity.remarks import remarks_of_call
from infra.identity.visit import Visit, current_visit
from infra.serving.exchange import Context

Response = TypeVar("Response")


class Gate(Protocol):
    """Decides who comes in."""

    async def visit(self, method: str, context: Context) -> Visit:
        """Who calls and what for, before the message is read. Who is known and refused is the current visit.

        Args:
            method: full name, `/package.Service/Method`.
            context: of the call.

        Raises:
            CallerUnknown: the caller has not proved who it is.
            AccessDenied: it may not call this method, or not for this purpose.
            QuotaExceeded: it has called too often.
        """
        ...

    async def admit(self, visit: Visit, method: str, request: Any) -> None:
        """Let a parsed request in.

        Raises:
            AccessDenied: the caller may not ask this of what the request names.
            QuotaExceeded: it has asked this too often.
        """
        ...


class Witness(Protocol):
    """Keeps a record of calls. A call whose record cannot be kept fails."""

    async def answered(self, visit: Visit, method: str, request: Any, response: Any) -> None:
        """Record a call before its answer leaves; of a stream: before its first message, with None as response.

        Raises:
            Unavailable: it cannot be recorded.
        """
        ...

    async def failed(self, visit: Visit, method: str, request: Any, error: BaseException) -> None:
        """Record a call that ends with an error; the request is None if it was refused before it was read.

        Raises:
            Unavailable: it cannot be recorded.
        """
        ...


class Exit(Protocol):
    """Decides how much of an answer leaves. The witness has recorded it whole."""

    async def leave(self, response: Any) -> Any:
        """The answer as the caller gets it; it may be changed in place. None for a stream that begins."""
        ...

    def failed(self) -> None:
        """The call ends with an error."""
        ...


class Open:
    """The gate of a server without identity and policy: everybody comes in as LOCAL."""

    async def visit(self, _method: str, context: Context) -> Visit:
        """See Gate."""
        return Visit(intent=Intent.from_metadata(context.invocation_metadata()))

    async def admit(self, _visit: Visit, _method: str, _request: Any) -> None:
        """See Gate."""


class Nobody:
    """The witness of a server that keeps no records."""

    async def answered(self, _visit: Visit, _method: str, _request: Any, _response: Any) -> None:
        """See Witness."""

    async def failed(self, _visit: Visit, _method: str, _request: Any, _error: BaseException) -> None:
        """See Witness."""


class Whole:
    """The exit that lets answers leave as they are."""

    async def leave(self, response: Any) -> Any:
        """See Exit."""
        return response

    def failed(self) -> None:
        """See Exit."""


class Door:
    """Passes calls through the gate, tells the witness, and lets answers leave.

    Args:
        gate: decides who comes in.
        witness: keeps a record.
        leaving: decides how much of an answer leaves.
    """

    def __init__(self, gate: Gate | None = None, witness: Witness | None = None, leaving: Exit | None = None) -> None:
        self._gate, self._witness, self._is_recording = gate or Open(), witness or Nobody(), witness is not None
        self._exit = leaving or Whole()

    async def enter(self, method: str, context: Context) -> Visit:
        """The call's visit, which is the current one from now on.

        Raises:
            BiofusionError: it is refused, or the refusal cannot be recorded.
        """
        remarks_of_call.set({})
        try:
            visit = await self._gate.visit(method, context)
        except Exception as error:
            await self._witness.failed(current_visit.get(), method, None, error)
            raise
        current_visit.set(visit)
        return visit

    async def unread(self, method: str, visit: Visit, error: Exception) -> None:
        """Record a call whose message could not be parsed.

        Raises:
            Unavailable: it cannot be recorded.
        """
        await self._witness.failed(visit, method, None, error)

    async def answer(
        self, method: str, visit: Visit, behave: Callable[[Any], Awaitable[Response]], request: Any
    ) -> Response:
        """The answer to a request, recorded.

        Raises:
            BiofusionError: the request is refused, fails, or cannot be recorded.
        """
        response, record = await self.answer_and_record(method, visit, behave, request)
        await record
        return await self.leave(response)

    async def answer_and_record(
        self, method: str, visit: Visit, behave: Callable[[Any], Awaitable[Response]], request: Any
    ) -> tuple[Response, Awaitable[None]]:
        """The answer to a request, and its record, which is being written; `leave` follows when it has been awaited.

        So a call need not hold a place among those that are worked on while it waits for a disk.

        Raises:
            BiofusionError: the request is refused or fails; awaiting the record: it cannot be recorded.
        """
        try:
            await self._gate.admit(visit, method, request)
            response = await behave(request)
        except BaseException as error:
            self._exit.failed()
            await self._witness.failed(visit, method, request, error)
            raise
        record = self._witness.answered(visit, method, request, response)
        return response, asyncio.ensure_future(record) if self._is_recording else record

    async def leave(self, response: Response) -> Response:
        """What leaves of a recorded answer."""
        left: Response = await self._exit.leave(response)
        return left

    async def open(self, method: str, visit: Visit, request: Any) -> None:
        """Let a stream begin, recorded.

        Raises:
            BiofusionError: the request is refused, or cannot be recorded.
        """

        async def begin(_request: Any) -> None:
            return None

        await self.answer(method, visit, begin, request)
