"""Logins that are open, in memory: a restart ends them all."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from console.people.person import Person


@dataclass(slots=True)
class Session:
    """One login.

    Args:
        person: who.
        form_token: every form of this login carries it (CSRF).
        began_at, used_at: seconds of the clock.
    """

    person: Person
    form_token: str
    began_at: float
    used_at: float


class Sessions:
    """The open logins.

    Args:
        idle_s: a login ends when it is not used for so long.
        longest_s: it ends then in any case.
        per_person: a further one ends the person's oldest.
        clock: seconds, rising.
    """

    def __init__(
        self, idle_s: float, longest_s: float, per_person: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle_s, self._longest_s, self._per_person, self._clock = idle_s, longest_s, per_person, clock
        self._open: dict[bytes, Session] = {}

    def begin(self, person: Person) -> str:
        """Open a login; returns the secret that its cookie carries. Only the secret's SHA-256 is kept."""
        now = self._clock()
        self._open = {key: each for key, each in self._open.items() if self._is_open(each, now)}
        own = [key for key, each in self._open.items() if each.person.name == person.name]
        for key in own[: max(0, len(own) - self._per_person + 1)]:
            del self._open[key]
        secret = secrets.token_urlsafe(32)
        self._open[_key(secret)] = Session(person, secrets.token_urlsafe(32), now, now)
        return secret

    def find(self, secret: str, *, is_used: bool) -> Session | None:
        """The login of this secret; None if there is none any more.

        Args:
            secret: of its cookie.
            is_used: the person did something, so that the idle time begins anew; False for what pages ask themselves.
        """
        session = self._open.get(_key(secret))
        if session is None:
            return None
        now = self._clock()
        if not self._is_open(session, now):
            self.end(secret)
            return None
        if is_used:
            session.used_at = now
        return session

    def end(self, secret: str) -> None:
        """End a login."""
        self._open.pop(_key(secret), None)

    def _is_open(self, session: Session, now: float) -> bool:
        return now - session.used_at < self._idle_s and now - session.began_at < self._longest_s


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
