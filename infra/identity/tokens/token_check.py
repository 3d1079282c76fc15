"""Checks tokens (JWT, RFC 7519, as RFC 8725 advises): algorithm, signature, issuer, audience, times and subject."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import jwt

from biometrics.errors import CallerUnknown
from infra.identity.caller import Caller, Proof
from infra.identity.tokens.issuer_keys import IssuerKeys
from infra.identity.tokens.key_set import KeySet

LONGEST = 8192
"""Most characters of a token: gRPC takes 8 to 16 KiB of metadata."""

LEEWAY_S = 30
"""Seconds by which the clocks of issuer and server may differ."""

REMEMBERED = 10_000
"""Tokens that have been found valid and are remembered, by their SHA-256: about 3 MB."""

SUBJECT = re.compile(r"[A-Za-z0-9._:/+@=|~-]{1,255}")
"""What a subject may consist of: nothing that could be taken for another part of a line or a list."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a token must say.

    Args:
        issuer: its `iss`.
        audience: one of its `aud`.
        algorithms: its `alg` is one of these.
        subject: claim that names the caller.
    """

    issuer: str
    audience: str
    algorithms: tuple[str, ...]
    subject: str = "sub"


class _Valid(NamedTuple):
    caller: Caller
    end_s: float
    keys: KeySet | None


class TokenCheck:
    """Finds out whose token this is.

    Args:
        rules: what it must say.
        keys: of its issuer.
        clock: seconds since 1970, for remembered tokens.
    """

    def __init__(self, rules: Rules, keys: IssuerKeys, clock: Callable[[], float] = time.time) -> None:
        self._rules, self._keys, self._clock = rules, keys, clock
        self._valid: OrderedDict[bytes, _Valid] = OrderedDict()

    async def caller(self, token: str) -> Caller:
        """The caller that a token names, `ISSUER#SUBJECT`.

        Raises:
            CallerUnknown: it is not valid; the reason says what is wrong with it.
            Unavailable: the issuer's keys cannot be had.
        """
        if len(token) > LONGEST:
            raise _refused("MALFORMED", f"is longer than {LONGEST} characters")
        await self._keys.refresh()
        mark = sha256(token.encode()).digest()
        known = self._valid.get(mark)
        if known and known.keys is self._keys.keys and self._clock() < known.end_s:
            self._valid.move_to_end(mark)
            return known.caller
        self._valid.pop(mark, None)
        claims = await self._claims(token)
        caller = Caller(f"{self._rules.issuer}#{self._subject(claims)}", Proof.TOKEN)
        self._valid[mark] = _Valid(caller, int(claims["exp"]) + LEEWAY_S, self._keys.keys)
        if len(self._valid) > REMEMBERED:
            self._valid.popitem(last=False)
        return caller

    async def _claims(self, token: str) -> dict[str, Any]:
        with _told():
            header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid", "")
        if algorithm not in self._rules.algorithms:
            raise _refused("ALGORITHM", f"is not signed by {' or '.join(self._rules.algorithms)}")
        if "crit" in header or not isinstance(kid, str):
            raise _refused("MALFORMED", "has a header that is not understood")
        key = await self._keys.find(kid, algorithm)
        with _told():
            return dict(
                jwt.decode(
                    token,
                    key,
                    [algorithm],
                    {"require": ["exp", "iss", "aud", self._rules.subject]},
                    audience=self._rules.audience,
                    issuer=self._rules.issuer,
                    leeway=LEEWAY_S,
                )
            )

    def _subject(self, claims: dict[str, Any]) -> str:
        subject = claims[self._rules.subject]
        if not (isinstance(subject, str) and SUBJECT.fullmatch(subject)):
            raise _refused("SUBJECT", f"has a claim {self._rules.subject} that cannot be a caller's name")
        return subject


_FAULTS: tuple[tuple[type[jwt.PyJWTError], str, str], ...] = (
    (jwt.ExpiredSignatureError, "EXPIRED", "has expired"),
    (jwt.ImmatureSignatureError, "EARLY", "is not valid yet, or a clock is wrong"),
    (jwt.InvalidAudienceError, "AUDIENCE", "is for another audience"),
    (jwt.InvalidIssuerError, "ISSUER", "is of another issuer"),
    (
        jwt.MissingRequiredClaimError,
        "CLAIMS",
        "lacks a claim: it needs exp, iss, aud and the one that names the caller",
    ),
    (jwt.InvalidSignatureError, "SIGNATURE", "has a wrong signature"),
    (jwt.InvalidAlgorithmError, "ALGORITHM", "is signed by an algorithm that is not accepted"),
    (jwt.PyJWTError, "MALFORMED", "cannot be read"),
)
"""What PyJWT finds, the nearest class first; none of its texts goes on, as they may quote the token."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except jwt.PyJWTError as error:
        raise next(_refused(reason, what) for kind, reason, what in _FAULTS if isinstance(error, kind)) from None
    except RecursionError:  # JSON that is nested a thousand times
        raise _refused("MALFORMED", "cannot be read") from None


def _refused(reason: str, what: str) -> CallerUnknown:
    return CallerUnknown(f"The token {what}. Get a new one for this service.", reason=f"TOKEN_{reason}")
