"""Refuses calls that could not be answered in time, with as little work as possible, and logs how many.

Asked twice about a call: as it is accepted (`accepting.py`), before anything is made for it, and by the interceptor:
grpc.aio's own loop has accepted some, and calls accepted in the same turn of the event loop may have taken the room.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from biometrics.errors import Overloaded
from infra.admission.admission import REFUSAL
from infra.admission.intake import Intake
from infra.deadlines import Deadline
from infra.fairness.flows import Flows
from infra.serving.exchange import Context, abort
from infra.serving.request_ids import request_id_of
from infra.telemetry.metrics import calls

log = logging.getLogger("biofusion.call")

REPORT_S = 1.0
"""Interval, in seconds, over which refused calls are counted and logged in one line."""


class Refusals:
    """Those of one server. Under overload they are thousands a second.

    Args:
        default_deadline_s: seconds that a call has if its caller states no deadline.
        intake: admission that calls must pass; None: no call is refused.
        flows: of callers.
    """

    def __init__(self, default_deadline_s: float, intake: Intake | None, flows: Flows) -> None:
        self._default_deadline_s, self._intake, self._flows = default_deadline_s, intake, flows
        self._limited: set[str] = set()
        self._count = 0

    def limit(self, method: str) -> None:
        """Refuse calls of this method from now on if they cannot be answered in time."""
        self._limited.add(method)

    def stop(self) -> None:
        """Refuse no call any more: a server that stops has its own answer, by which callers go elsewhere."""
        self._limited.clear()

    def of(self, method: str, context: Context) -> Coroutine[Any, Any, None] | None:
        """What ends a call that is to be refused, not begun yet; None: it may be admitted.

        The work raises grpc.aio.AbortError, or asyncio.CancelledError if the caller has gone.
        """
        if self._intake is None or method not in self._limited:
            return None
        left_s = context.time_remaining()
        deadline = Deadline.of_call(left_s, self._default_deadline_s)
        delay_s = self._intake.delay_s(method, deadline, self._flows.known(context))
        return self._refuse(context, method, 0.0 if left_s == 0.0 else delay_s) if delay_s else None

    async def _refuse(self, context: Context, method: str, delay_s: float) -> None:
        self._count += 1
        calls.refused(method)
        if self._count == 1:
            asyncio.get_running_loop().call_later(REPORT_S, self._report)
        if not delay_s:
            raise asyncio.CancelledError  # the caller has gone: an answer would only cost other calls time
        request_id = request_id_of(context.invocation_metadata())
        log.debug("%s refused request_id=%s", method, request_id)
        await abort(context, Overloaded(REFUSAL, retry_after_s=delay_s), method, request_id)

    def _report(self) -> None:
        log.warning("refused %d calls in %.0f s: they could not have been answered in time", self._count, REPORT_S)
        self._count = 0
