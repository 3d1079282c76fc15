"""Does tasks and delivers their results, each step written down before and after."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from adapters.keeping.sealing import Seal
from adapters.osia.call import Call
from adapters.osia.faults import GONE, Refused, bad, fault_of
from adapters.osia.tasks.database import COMPLETED, FAILED, PENDING, RETRY, SCHEDULED, Database, Row
from biometrics.errors import ConfigurationInvalid, FieldInvalid, ServiceUnavailable
from infra.callbacks.origins import Origins
from infra.callbacks.sending import post

log = logging.getLogger("biofusion.osia")

AT_ONCE = 4
"""Tasks that are worked on at once."""
FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 3600.0
"""Waits between attempts: 10 s, 20 s, 40 s … up to an hour."""
KEPT_S = 7 * 86_400.0
"""Seconds for which a task that has ended is known, and an undelivered result is kept."""
_LATER = frozenset({503, 504})

Perform = Callable[[Call], Awaitable[Any]]


class Tasks:
    """Accepts requests with a callback, does them in order of priority and delivers what comes of them.

    Args:
        database: keeps them.
        seal: of what is kept; None: none are accepted.
        origins: whom results may be sent to.
        perform: does a request; raises as the operations do.
        attempts: most of them at doing a request while fusion does not answer, and then at delivering its result.
        first_wait_s: seconds before the second attempt.
        authority: whom certificates of receivers are checked by; None: the machine's authorities.
    """

    def __init__(
        self,
        database: Database,
        seal: Seal | None,
        origins: Origins,
        perform: Perform,
        attempts: int,
        first_wait_s: float = FIRST_WAIT_S,
        authority: ssl.SSLContext | None = None,
    ) -> None:
        self._database, self._seal, self._origins, self._perform = database, seal, origins, perform
        self._attempts, self._first_wait_s, self._authority = attempts, first_wait_s, authority
        self._wake = asyncio.Event()
        self._running: dict[str, asyncio.Task[None]] = {}

    def accept(self, call: Call, callback: str, transaction: str, caller: str) -> str:
        """Write a request down, and return the id of its task.

        Raises:
            Refused: there are no callbacks here, or none to this address.
        """
        if self._seal is None:
            raise bad("callback: this server sends none, as it has no BIOFUSION_OSIA_KEY_FILE.")
        try:
            self._origins.target(callback)
        except FieldInvalid as error:
            raise bad(error.message) from None
        task_id, now = str(uuid.uuid4()), time.time()
        kept = {"call": asdict(call), "callback": callback, "transaction": transaction}
        request = self._seal.closed(kept, task_id, "request")
        priority = call.query.get("priority", 0)
        self._database.add(Row(task_id, _hash(caller), PENDING, priority, now, 0, now, request))
        self._wake.set()
        return task_id

    def status(self, task_id: str, caller: str) -> str:
        """OSIA's word for the state of a caller's task. Raises Refused: it has none of this id."""
        return self._own(task_id, caller).state

    def redeliver(self, task_id: str, caller: str) -> None:
        """Deliver a result again, at once. Raises Refused: there is no such task, or nothing to deliver any more."""
        row = self._own(task_id, caller)
        if row.state == COMPLETED:
            raise Refused(GONE, "The result was delivered, and is not kept.")
        if row.state != PENDING:
            state = RETRY if row.result else PENDING
            self._database.save(replace(row, state=state, attempts=0, due=time.time()))
            self._wake.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                now = time.time()
                self._database.forget_before(now - KEPT_S)
                self._wake.clear()
                self._begin(now)
                await self._pause(now)
        finally:
            for each in (running := list(self._running.values())):
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    def _begin(self, now: float) -> None:
        """Begin with what is due, as far as there is room."""
        if len(self._running) == AT_ONCE:
            return
        for row in self._database.due(now, AT_ONCE + len(self._running)):
            if row.task_id not in self._running and len(self._running) < AT_ONCE:
                self._running[row.task_id] = asyncio.create_task(self._step(row))

    async def _pause(self, now: float) -> None:
        """Wait until a task is new, ended or due."""
        due = self._database.next_due(now)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), 60.0 if due is None else min(60.0, max(0.0, due - time.time())))

    async def _step(self, row: Row) -> None:
        try:
            done = await (self._worked(row) if row.state == PENDING else self._delivered(row))
            current = self._database.find(row.task_id)
            if current is not None and current.due == row.due:  # else it was asked for again meanwhile
                self._database.save(done)
        except ConfigurationInvalid as error:
            log.error("Task %s cannot be done: %s", row.task_id, error.message)  # noqa: TRY400 - no text of another's
            self._database.save(replace(row, state=FAILED))
        except Exception as error:  # noqa: BLE001 - e.g. the disk is full; the row is as it was
            log.error("Task %s cannot be written down: %s", row.task_id, type(error).__name__)  # noqa: TRY400
            await asyncio.sleep(self._first_wait_s)
        finally:
            self._running.pop(row.task_id, None)
            self._wake.set()

    async def _worked(self, row: Row) -> Row:
        """The task after an attempt to do it."""
        call = Call(**self._kept(row)["call"])
        try:
            result, is_fault = await self._perform(call), False
        except Exception as error:  # noqa: BLE001 - whatever happens is told to the receiver, without its text
            result, is_fault = fault_of(error), True
            if result["code"] in _LATER and row.attempts + 1 < self._attempts:
                return self._later(row, PENDING)
            log.info("Task %s, %s: %s", row.task_id, call.operation, type(error).__name__)
        told = {"result": "OK" if result is None else result, "is_fault": is_fault}
        assert self._seal
        sealed = self._seal.closed(told, row.task_id, "result")
        return replace(row, state=SCHEDULED, attempts=0, due=time.time(), result=sealed)

    async def _delivered(self, row: Row) -> Row:
        """The task after an attempt to deliver its result."""
        assert self._seal
        kept, told = self._kept(row), self._seal.opened(row.result, row.task_id, "result")
        query = f"transactionId={quote(kept['transaction'], safe='')}&taskId={row.task_id}"
        url = kept["callback"] + ("&" if "?" in kept["callback"] else "?") + query
        kind = "application/error+json" if told["is_fault"] else "application/json"
        body = json.dumps(told["result"]).encode()
        try:
            code = await post(self._origins.target(url), body, {"Content-Type": kind}, self._authority)
            said = str(code)
        except FieldInvalid:
            code, said = 0, "ORIGIN_NOT_ALLOWED"
        except ServiceUnavailable as error:
            code, said = 0, error.metadata.get("cause", error.reason)
        log.info("Callback of task %s, attempt %d: %s", row.task_id, row.attempts + 1, said)
        if 200 <= code < 300:
            return replace(row, state=COMPLETED, request=b"", result=b"")
        if row.attempts + 1 >= self._attempts:
            return replace(row, state=FAILED, attempts=row.attempts + 1)
        return self._later(row, RETRY)

    def _later(self, row: Row, state: str) -> Row:
        wait = min(LONGEST_WAIT_S, self._first_wait_s * 2.0 ** min(row.attempts, 20))
        return replace(row, state=state, attempts=row.attempts + 1, due=time.time() + wait)

    def _kept(self, row: Row) -> Any:
        assert self._seal
        return self._seal.opened(row.request, row.task_id, "request")

    def _own(self, task_id: str, caller: str) -> Row:
        row = self._database.find(task_id)
        if row is None or row.caller != _hash(caller):
            raise Refused(GONE, "There is no such task.")
        return row


def _hash(caller: str) -> bytes:
    return sha256(caller.encode()).digest()
