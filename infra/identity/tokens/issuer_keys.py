"""The issuer's keys, kept: fetched when needed, again when they are old or a token names an unknown one."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from math import inf
from typing import Any

from biometrics.errors import CallerUnknown, Unavailable
from infra.identity.tokens.key_set import KeySet
from infra.identity.tokens.key_source import keys_unavailable

log = logging.getLogger("biofusion.tokens")

FRESH_S = 300.0
"""Seconds after which keys are fetched again, while calls go on with those there are."""

PAUSE_S = 30.0
"""Least seconds between two attempts, whatever key ids tokens name."""

FIRST_PAUSE_S = 1.0
"""The same, as long as no key has been had yet."""

LAST_S = 86_400.0
"""Seconds for which keys count while the issuer cannot be reached."""


class IssuerKeys:
    """The public keys of one issuer.

    Args:
        read: reads the key set; raises Unavailable.
        clock: seconds, as of time.monotonic.
    """

    def __init__(self, read: Callable[[], Awaitable[bytes]], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._keys: KeySet | None = None
        self._had_at = self._tried_at = -inf
        self._fetching: asyncio.Task[None] | None = None
        self._cause = ""

    @property
    def keys(self) -> KeySet | None:
        """The present set; another object when the issuer has changed it."""
        return self._keys

    async def find(self, kid: str, algorithm: str) -> Any:
        """The key of this id for this signature.

        Raises:
            CallerUnknown: the issuer has none.
            Unavailable: its keys cannot be had, and are not known or too old.
        """
        await self.refresh()
        found = self._found(kid, algorithm)
        if found is None and (fetching := self._fetch(PAUSE_S)):
            await asyncio.shield(fetching)
            found = self._found(kid, algorithm)
        if found is None:
            message = "The token is signed by a key that its issuer does not publish. Get a new token."
            raise CallerUnknown(message, reason="TOKEN_KEY")
        return found

    async def refresh(self) -> None:
        """Fetch the keys if they are old; wait for that only if they cannot be used any more.

        Raises:
            Unavailable: they cannot be had, and are not known or too old.
        """
        age = self._clock() - self._had_at
        if age < FRESH_S:
            return
        fetching = self._fetch(PAUSE_S if self._keys else FIRST_PAUSE_S)
        if age < LAST_S:
            return
        if fetching:
            await asyncio.shield(fetching)
        if self._clock() - self._had_at >= LAST_S:
            raise keys_unavailable(self._cause)

    def _found(self, kid: str, algorithm: str) -> Any | None:
        return self._keys.find(kid, algorithm) if self._keys else None

    def _fetch(self, pause_s: float) -> asyncio.Task[None] | None:
        """The attempt that runs, or a new one; None if the last one was within the pause."""
        if self._fetching and not self._fetching.done():
            return self._fetching
        if self._clock() - self._tried_at < pause_s:
            return None
        self._tried_at = self._clock()
        self._fetching = asyncio.create_task(self._try())
        return self._fetching

    async def _try(self) -> None:
        try:
            keys = KeySet.parse(await self._read())
        except (Unavailable, ValueError, RecursionError) as error:
            self._cause = error.metadata.get("cause", "") if isinstance(error, Unavailable) else "NO_KEY_SET"
            log.warning("the keys of the issuer of tokens cannot be had: %s", self._cause)
            return
        self._had_at = self._clock()
        if keys != self._keys:
            self._keys = keys
            log.info("the issuer of tokens has %d usable keys", len(keys.keys))
