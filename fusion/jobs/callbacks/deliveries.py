"""Delivers callbacks. What is due, and when, is in the job's row, so that any process goes on after any end."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from dataclasses import replace

from biometrics.errors import ConfigurationInvalid, DocumentChanged, FieldInvalid, ServiceUnavailable
from fusion.jobs.callbacks.message import body_of, delivery_id
from fusion.jobs.job_rows import JobRows
from fusion.jobs.values import Callback, Job
from infra.callbacks.origins import Origins
from infra.callbacks.sending import post
from infra.callbacks.signing import DELIVERY, SIGNATURE, read_secret, signature

log = logging.getLogger(__name__)

FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3600.0
"""Waits between attempts: 10 s, 20 s, 40 s … up to an hour."""
GIVE_UP_S = 24 * 3600.0
"""Seconds from the first attempt after which none is made, until it is asked for again."""


class Deliveries:
    """Tells receivers of the ends of jobs.

    Args:
        rows: of jobs, in the store.
        origins: whom callbacks may be sent to; a job whose origin is no longer there is not told.
        secret_file: of the key of the signatures; read at each attempt, so that it can be replaced.
        clock: returns seconds since 1970.
        authority: whom certificates are checked by; None: the machine's authorities.
    """

    def __init__(
        self,
        rows: JobRows,
        origins: Origins,
        secret_file: str,
        clock: Callable[[], float],
        authority: ssl.SSLContext | None = None,
    ) -> None:
        self._rows, self._origins, self._secret_file = rows, origins, secret_file
        self._clock, self._authority = clock, authority

    async def attempt(self, job: Job) -> None:
        """Tell the receiver, if that is due now; the next attempt is written down before this one begins.

        Raises:
            Unavailable: the store does not answer.
        """
        now, callback = self._clock(), job.callback
        if not callback.is_due or callback.next_time > now:
            return
        begun = replace(
            callback,
            attempts=callback.attempts + 1,
            status="",
            first_time=callback.first_time or now,
            next_time=now + min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(callback.attempts, 20)),
        )
        try:
            job = await self._rows.put(replace(job, callback=begun))
        except DocumentChanged:
            return  # another process does it
        status, is_over = await self._sent(job)
        is_over = is_over or begun.next_time > begun.first_time + GIVE_UP_S
        log.info("Callback of %s, attempt %d: %s", job.name, begun.attempts, status)
        await self._rows.change(job.name, lambda own: _told(own, begun, status, is_over=is_over))

    async def _sent(self, job: Job) -> tuple[str, bool]:
        """What came of an attempt, and whether no other one is to be made."""
        body, now = body_of(job), int(self._clock())
        try:
            target = self._origins.target(job.callback.url)
            headers = {SIGNATURE: signature(read_secret(self._secret_file), now, body), DELIVERY: delivery_id(job)}
            code = await post(target, body, headers, self._authority)
        except FieldInvalid:
            return "ORIGIN_NOT_ALLOWED", True
        except ServiceUnavailable as error:
            return error.metadata["cause"], False
        except ConfigurationInvalid as error:
            log.warning("A callback cannot be signed: %s", error.message)
            return error.reason, False
        return str(code), 200 <= code < 300


def _told(job: Job, begun: Callback, status: str, *, is_over: bool) -> Job:
    """The job after an attempt, unless it was asked for again meanwhile."""
    if job.callback != begun:
        return job
    return replace(job, callback=replace(begun, status=status, is_due=not is_over))


def redelivered(callback: Callback, now: float) -> Callback:
    """The callback, due at once and for 24 hours again."""
    return replace(callback, is_due=bool(callback.url), attempts=0, next_time=now, first_time=0.0)
