"""Who may call an operation: by a token, whose scopes name what it is for."""

from __future__ import annotations

from functools import partial
from typing import Any

import jwt
from starlette.requests import Request

from adapters.osia.faults import FORBIDDEN, Refused
from biometrics.errors import AccessDenied, CallerUnknown, ConfigurationInvalid, Unavailable
from infra.caller_settings import split
from infra.identity.names import AllowedCallers
from infra.identity.tokens.issuer_keys import IssuerKeys
from infra.identity.tokens.key_source import read_keys
from infra.identity.tokens.token_check import Rules, TokenCheck
from infra.settings import Settings

ANYBODY = "local"
_SCHEME = "bearer "


class Door:
    """Lets callers in.

    Args:
        settings: of tokens: TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_KEYS and ALLOWED_CALLERS.

    Raises:
        ConfigurationInvalid: no tokens are asked for, and other machines can call.
    """

    def __init__(self, settings: Settings) -> None:
        is_local = settings.adapter_host in {"127.0.0.1", "::1", "localhost"}
        if not (settings.token_issuer or is_local or settings.allow_insecure_bind):
            raise ConfigurationInvalid(
                f"BIOFUSION_ADAPTER_HOST={settings.adapter_host} is reachable from other machines and anybody could "
                "call. Set BIOFUSION_TOKEN_ISSUER, BIOFUSION_TOKEN_AUDIENCE and BIOFUSION_TOKEN_KEYS."
            )
        self._allowed = AllowedCallers(split(settings.allowed_callers))
        self._tokens: TokenCheck | None = None
        if settings.token_issuer:
            rules = Rules(settings.token_issuer, settings.token_audience, settings.algorithms, settings.token_subject)
            self._tokens = TokenCheck(rules, IssuerKeys(partial(read_keys, settings.token_keys)))

    async def caller(self, request: Request, scopes: frozenset[str]) -> str:
        """The name of the caller.

        Args:
            request: with the header `authorization`.
            scopes: one of them is needed.

        Raises:
            Refused: it is not let in.
        """
        if self._tokens is None:
            return ANYBODY
        stated = request.headers.getlist("authorization")
        if len(stated) != 1 or not stated[0].lower().startswith(_SCHEME):
            raise Refused(FORBIDDEN, "Send a token, once, in the header `Authorization: Bearer TOKEN`.")
        token = stated[0][len(_SCHEME) :].strip()
        try:
            caller = await self._tokens.caller(token)
            self._allowed.check(caller)
        except (CallerUnknown, AccessDenied) as error:
            raise Refused(FORBIDDEN, f"{error.reason}: {error.message}") from None
        except Unavailable as error:
            raise Refused(503, f"{error.reason}: {error.message}") from None
        if not scopes & _scopes(token):
            raise Refused(FORBIDDEN, f"The token lacks the scope {' or '.join(sorted(scopes))}.")
        return caller.name


def _scopes(token: str) -> frozenset[str]:
    """The scopes of a token that has been checked: its claim `scope` or `scp`, a text or a list."""
    claims = jwt.decode(token, options={"verify_signature": False})
    found: set[str] = set()
    for name in ("scope", "scp"):
        value: Any = claims.get(name)
        words = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
        found.update(each for each in words if isinstance(each, str))
    return frozenset(found)
