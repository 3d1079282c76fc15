"""Names of callers: what a SPIFFE id is, and which names a server lets in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from biometrics.errors import AccessDenied, ConfigurationInvalid
from infra.identity.caller import Caller, Proof

LONGEST = 2048
"""Most bytes of a SPIFFE id (SPIFFE-ID, 2.3)."""

_SEGMENT = r"/(?!\.{1,2}(?:/|$))[A-Za-z0-9._-]+"
_DOMAIN = r"spiffe://[a-z0-9._-]{1,255}"
_SPIFFE = re.compile(rf"{_DOMAIN}(?:{_SEGMENT})+")
_SPIFFE_PREFIX = re.compile(rf"{_DOMAIN}(?:{_SEGMENT})*/\*")
_TOKEN = re.compile(r"[^#\s,]+#[^#\s,]+")


def is_spiffe_id(name: str) -> bool:
    """Whether this is the SPIFFE id of a program: with a path, without `.` and `..`, query or fragment."""
    return len(name) <= LONGEST and bool(_SPIFFE.fullmatch(name))


class AllowedCallers:
    """The names that a server lets in.

    Args:
        patterns: SPIFFE ids, `spiffe://DOMAIN/PATH/*` for all below a path, `ISSUER#SUBJECT`, `ISSUER#*`; none: every
            proven name.

    Raises:
        ConfigurationInvalid: one of them is none of these.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        for each in patterns:
            if not (is_spiffe_id(each) or _SPIFFE_PREFIX.fullmatch(each) or _TOKEN.fullmatch(each)):
                raise ConfigurationInvalid(
                    f"{each!r} names no caller. Use spiffe://DOMAIN/PATH, spiffe://DOMAIN/PATH/*, ISSUER#SUBJECT or "
                    f"ISSUER#*."
                )
        self._names = frozenset(each for each in patterns if not each.endswith(("/*", "#*")))
        self._prefixes = tuple(each[:-1] for each in patterns if each.endswith(("/*", "#*")))

    def check(self, caller: Caller) -> None:
        """Return if this caller is let in.

        Raises:
            AccessDenied: it is not; the message has its SPIFFE id, but not the subject of a token, which may be a
                person.
        """
        is_named = caller.name in self._names or caller.name.startswith(self._prefixes)
        if not is_named and (self._names or self._prefixes):
            who = caller.name if caller.proof is Proof.CERTIFICATE else "The subject of this token"
            raise AccessDenied(
                f"{who} is not among the callers of this server. Its operator can add it to BIOFUSION_ALLOWED_CALLERS.",
                reason="CALLER_NOT_ALLOWED",
            )
