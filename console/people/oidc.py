"""Login by an OpenID provider: authorisation code with PKCE (RFC 7636), state and nonce (OpenID Connect Core 1.0)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from base64 import b64encode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jwt

from biometrics.errors import CallerUnknown, ConfigurationInvalid, Unavailable
from console.fetching import Fetching
from console.people.person import ROLES, Person, pseudonym
from infra.identity.tokens.issuer_keys import IssuerKeys

BEGUN_S = 600.0
"""Seconds in which a login that was begun must be finished."""
_BEGUN_AT_ONCE = 1000
_LEEWAY_S = 30


@dataclass(frozen=True, slots=True)
class Provider:
    """What the operator has set.

    Args:
        issuer: its address; `/.well-known/openid-configuration` below it says the rest.
        client_id: name of the console there.
        secret_file: file of its secret; "": a public client.
        roles: claim of the roles.
        algorithms: signatures that are accepted.
        back: address to which the provider sends people back.
    """

    issuer: str
    client_id: str
    secret_file: str
    roles: str
    algorithms: tuple[str, ...]
    back: str


@dataclass(frozen=True, slots=True)
class _Begun:
    nonce: str
    verifier: str
    at: float


class Oidc:
    """Logs people in by a provider.

    Args:
        provider: what is set.
        fetching: how its answers are fetched.
        clock: seconds, rising.
    """

    def __init__(self, provider: Provider, fetching: Fetching, clock: Callable[[], float] = time.monotonic) -> None:
        self._provider, self._fetching, self._clock = provider, fetching, clock
        self._begun: OrderedDict[str, _Begun] = OrderedDict()
        self._found: dict[str, str] | None = None
        self._keys = IssuerKeys(self._read_keys)

    async def begin(self) -> tuple[str, str]:
        """Where to send the browser, and the state that it must bring back in a cookie.

        Raises:
            Unavailable: the provider does not answer.
        """
        found = await self._endpoints()
        state, begun = (
            secrets.token_urlsafe(32),
            _Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(48), self._clock()),
        )
        self._begun[state] = begun
        if len(self._begun) > _BEGUN_AT_ONCE:
            self._begun.popitem(last=False)
        challenge = urlsafe_b64encode(hashlib.sha256(begun.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._provider.back,
            "scope": "openid",
            "state": state,
            "nonce": begun.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in found["authorization_endpoint"] else "?"
        return f"{found['authorization_endpoint']}{joint}{urlencode(asked)}", state

    async def finish(self, state: str, code: str) -> Person:
        """The person whom the provider names.

        Raises:
            CallerUnknown: the login was not begun here, took too long, or the provider's token is not valid.
            Unavailable: the provider does not answer.
        """
        begun = self._begun.pop(state, None)
        if begun is None or self._clock() - begun.at > BEGUN_S:
            raise CallerUnknown("This login was not begun here, or took too long.", reason="LOGIN_UNKNOWN")
        claims = await self._claims(await self._token(code, begun), begun)
        stated = claims.get(self._provider.roles)
        roles = frozenset([stated] if isinstance(stated, str) else stated or ()) & set(ROLES)
        return Person(pseudonym(claims["sub"]), roles)

    async def _endpoints(self) -> dict[str, str]:
        if self._found is None:
            url = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
            said = _object(await asyncio.to_thread(self._fetching.fetch, url))
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            local = self._provider.issuer.startswith("http://")
            if said.get("issuer") != self._provider.issuer or not all(
                str(said.get(each, "")).startswith(("https://", "http://") if local else "https://") for each in needed
            ):
                raise _unusable()
            self._found = {each: str(said[each]) for each in needed}
        return self._found

    async def _read_keys(self) -> bytes:
        return await asyncio.to_thread(self._fetching.fetch, (await self._endpoints())["jwks_uri"])

    async def _token(self, code: str, begun: _Begun) -> str:
        provider = self._provider
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": provider.back,
            "client_id": provider.client_id,
            "code_verifier": begun.verifier,
        }
        headers = {"Accept": "application/json"}
        if provider.secret_file:
            pair = f"{quote(provider.client_id, safe='')}:{quote(_secret(provider.secret_file), safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        url = (await self._endpoints())["token_endpoint"]
        fetch = partial(self._fetching.fetch, url, urlencode(form).encode(), headers)
        return str(_object(await asyncio.to_thread(fetch)).get("id_token", ""))

    async def _claims(self, token: str, begun: _Begun) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            key = await self._keys.find(str(header.get("kid", "")), str(header.get("alg", "")))
            claims = jwt.decode(
                token,
                key,
                [each for each in self._provider.algorithms if each == header.get("alg")],
                {"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
                audience=self._provider.client_id,
                issuer=self._provider.issuer,
                leeway=_LEEWAY_S,
            )
        except (jwt.PyJWTError, RecursionError):
            raise CallerUnknown("The provider's token is not valid.", reason="LOGIN_INVALID") from None
        if not secrets.compare_digest(str(claims["nonce"]), begun.nonce):
            raise CallerUnknown("The provider's token is of another login.", reason="LOGIN_INVALID")
        return dict(claims)


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise _unusable() from None
    if not isinstance(found, dict):
        raise _unusable()
    return found


def _unusable() -> Unavailable:
    return Unavailable("The OpenID provider says nothing that can be used.", reason="FETCH_FAILED", cause="PROVIDER")


def _secret(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationInvalid(f"The file of the OpenID secret {path} cannot be read.") from error
