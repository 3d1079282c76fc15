"""Tells callers of the ends of their cases, by signed messages to allowed origins."""

from __future__ import annotations

import json
import logging
import ssl
from dataclasses import replace

from biometrics.errors import ConfigurationInvalid, FieldInvalid, ServiceUnavailable
from infra.callbacks.sending import post
from infra.callbacks.signing import DELIVERY, SIGNATURE, read_secret, signature
from infra.requests.idempotence import derived_uuid
from review.case import Callback, CallbackState, Case
from review.reviewing.kept import Kept

log = logging.getLogger(__name__)

FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 3600.0
"""Waits between attempts: 10 s, 20 s, 40 s … up to an hour."""
GIVE_UP_S = 24 * 3600.0
"""Seconds from the first attempt after which none is made."""


class Telling:
    """Sends callbacks.

    Args:
        kept: what is kept about cases.
        authority: whom certificates are checked by; None: the machine's authorities.
    """

    def __init__(self, kept: Kept, authority: ssl.SSLContext | None = None) -> None:
        self._kept, self._authority = kept, authority

    async def attempt(self, case: Case) -> Case:
        """Tell the receiver; the next attempt is written down before this one begins. Returns the case afterwards.

        Raises:
            StoreUnavailable: the store does not answer.
        """
        now, callback = self._kept.clock(), case.callback
        begun = replace(
            callback,
            attempts=callback.attempts + 1,
            first_time=callback.first_time or now,
            next_time=now + min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(callback.attempts, 20)),
        )
        case = await self._kept.cases.change(case.name, lambda own: _over(own, callback, begun))
        if case.callback != begun:
            return case  # another process does it
        state = await self._sent(case)
        if state is CallbackState.PENDING and begun.next_time > begun.first_time + GIVE_UP_S:
            state = CallbackState.FAILED
        log.info("Callback of %s, attempt %d: %s", case.name, begun.attempts, state)
        return await self._kept.cases.change(case.name, lambda own: _over(own, begun, replace(begun, state=state)))

    async def _sent(self, case: Case) -> CallbackState:
        body, now = body_of(case), int(self._kept.clock())
        try:
            target = self._kept.options.origins.target(case.callback.url)
            secret = read_secret(self._kept.options.secret_file)
            headers = {SIGNATURE: signature(secret, now, body), DELIVERY: delivery_id(case)}
            code = await post(target, body, headers, self._authority)
        except FieldInvalid:
            return CallbackState.FAILED
        except (ServiceUnavailable, ConfigurationInvalid) as error:
            log.warning("A callback could not be sent: %s", error.message)
            return CallbackState.PENDING
        return CallbackState.DELIVERED if 200 <= code < 300 else CallbackState.PENDING


def delivery_id(case: Case) -> str:
    """The id of the message about this case's end, equal for all attempts."""
    return derived_uuid(f"{case.name}\ncallback")


def body_of(case: Case) -> bytes:
    """The message: which case ended and how; no subject, no person, no evidence."""
    facts = {
        "id": delivery_id(case),
        "name": case.name,
        "state": case.state.value,
        "resolution": case.resolution.value if case.resolution else "",
        "caller_reference": case.caller_reference,
    }
    return json.dumps(facts, separators=(",", ":")).encode()


def _over(case: Case, seen: Callback, new: Callback) -> Case:
    """The case with another callback, unless it is not the one that was seen."""
    return replace(case, callback=new) if case.callback == seen else case
