"""Who calls: by the certificate of the connection, by the token of the call, or anybody where no proof is asked."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol, Self

from biometrics.errors import CallerUnknown
from infra.caller_settings import CallerSettings, split
from infra.identity.caller import LOCAL, Caller
from infra.identity.certificates import caller_of_certificate
from infra.identity.intent import Intent
from infra.identity.names import AllowedCallers
from infra.identity.tokens.issuer_keys import IssuerKeys
from infra.identity.tokens.key_source import read_keys
from infra.identity.tokens.token_check import Rules, TokenCheck
from infra.identity.visit import Visit

HEADER = "authorization"
SCHEME = "bearer "


class Call(Protocol):
    """What is read of a call: a grpc.aio.ServicerContext."""

    def auth_context(self) -> Any:
        """What gRPC knows of the connection's other side."""

    def invocation_metadata(self) -> Any:
        """The call's metadata."""


class Authentication:
    """Proves who calls.

    1. With a certificate: the SPIFFE id in it. gRPC has verified it, since a server that asks for certificates takes no
       connection without one.
    2. Without one, where tokens are taken: the token's issuer and subject.
    3. Where neither is asked for: LOCAL.
    Whoever sends a token that would not be looked at is refused, and so knows that it does not count.

    Args:
        tokens: checks tokens; None: none are taken.
        allowed: the names that are let in.
        asks: whether a name must be proved.
    """

    def __init__(self, tokens: TokenCheck | None, allowed: AllowedCallers, *, asks: bool) -> None:
        self._tokens, self._allowed, self._asks = tokens, allowed, asks

    @classmethod
    def of(cls, settings: CallerSettings) -> Self:
        """As the settings say. Raises ConfigurationInvalid."""
        allowed = AllowedCallers(split(settings.allowed_callers))
        return cls(_token_check(settings), allowed, asks=settings.asks_for_names)

    async def caller_of(self, call: Call) -> Caller:
        """Who makes this call.

        Raises:
            CallerUnknown: it proves no name, or not validly; the reason says what is wrong.
            AccessDenied: the name is not among those that are let in.
            Unavailable: its token cannot be checked now.
        """
        caller = await self._proved(call)
        self._allowed.check(caller)
        return caller

    async def _proved(self, call: Call) -> Caller:
        certificate = call.auth_context().get("x509_pem_cert")
        token = _bearer(call.invocation_metadata())
        if token is not None and (certificate or self._tokens is None):
            raise _unexpected(has_certificate=bool(certificate))
        if certificate:
            return caller_of_certificate(certificate[0])
        if token is not None and self._tokens is not None:
            return await self._tokens.caller(token)
        if not self._asks:
            return LOCAL
        if self._tokens is None:
            raise CallerUnknown("Show a certificate of the authority of this server.", reason="CERTIFICATE_MISSING")
        raise CallerUnknown("Send a token, in the metadata `authorization: Bearer TOKEN`.", reason="TOKEN_MISSING")


class Identified:
    """The gate of a server without a policy: whoever has proved an accepted name may do everything.

    Args:
        authentication: proves names.
    """

    def __init__(self, authentication: Authentication) -> None:
        self._authentication = authentication

    async def visit(self, _method: str, call: Call) -> Visit:
        """Who calls, and what for. Raises as `Authentication.caller_of`; FieldInvalid: the intent is malformed."""
        caller = await self._authentication.caller_of(call)
        return Visit(caller, Intent.from_metadata(call.invocation_metadata()))

    async def admit(self, _visit: Visit, _method: str, _request: Any) -> None:
        """Every request."""


def _token_check(settings: CallerSettings) -> TokenCheck | None:
    if not settings.token_issuer:
        return None
    rules = Rules(settings.token_issuer, settings.token_audience, settings.algorithms, settings.token_subject)
    return TokenCheck(rules, IssuerKeys(partial(read_keys, settings.token_keys)))


def _bearer(metadata: Any) -> str | None:
    """The token in a call's metadata; None without one.

    Raises:
        CallerUnknown: there are several, or it is something else than a token.
    """
    stated = [value for key, value in metadata or () if key == HEADER]
    if not stated:
        return None
    if len(stated) > 1 or not stated[0].lower().startswith(SCHEME):
        message = "The metadata `authorization` must be stated once, as `Bearer TOKEN`."
        raise CallerUnknown(message, reason="TOKEN_MALFORMED")
    return str(stated[0][len(SCHEME) :].strip())


def _unexpected(*, has_certificate: bool) -> CallerUnknown:
    if has_certificate:
        message = "Both a certificate and a token are shown, which may name different callers. Leave the token out."
    else:
        message = "This server takes no tokens, so that the one sent proves nothing. Leave it out."
    return CallerUnknown(message, reason="TOKEN_UNEXPECTED")
