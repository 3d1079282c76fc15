"""Whom callbacks may be sent to: a list of origins that the operator sets."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from biometrics.errors import ConfigurationInvalid, FieldInvalid, ServiceUnavailable

FIELD = "callback_url"
MAX_URL = 2048
SETTING = "BIOFUSION_JOB_CALLBACK_ORIGINS"
PRIVATE = "+"
"""Before an origin of the setting: its name may have private addresses."""
PORTS = {"https": 443, "http": 80}

_UNICAST, _SIX_TO_FOUR = ipaddress.IPv6Network("2000::/3"), ipaddress.IPv6Network("2002::/16")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""The last 32 bits are an address of IPv4 (RFC 6052)."""

Origin = tuple[str, str, int]
"""Scheme, host in lower case, port."""
Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, for a port; raises OSError: it has none."""


def resolved(host: str, port: int) -> Sequence[str]:
    """Those that the system's resolver knows."""
    return [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, slots=True)
class Target:
    """Where one callback goes.

    Args:
        scheme: "https", or "http" for this machine.
        host: as the certificate names it.
        port: of the server.
        path: with the query.
        may_be_private: whether its address may be that of a private network.
        setting: names the allowed origins.
        resolve: looks names up.
    """

    scheme: str
    host: str
    port: int
    path: str
    may_be_private: bool
    setting: str = SETTING
    resolve: Resolve = resolved

    def address(self) -> str:
        """An address of the host; the connection is made to this one, so that a second answer of DNS changes nothing.

        Raises:
            ServiceUnavailable: the name has no address, or a private one that the setting does not allow.
        """
        try:
            addresses = self.resolve(self.host, self.port)
        except (OSError, UnicodeError) as error:
            raise ServiceUnavailable("The name of the callback's host has no address.", cause="ADDRESS") from error
        if not self.may_be_private and not all(_is_public(each) for each in addresses):
            raise ServiceUnavailable(
                f"The callback's host has a private address. To allow it, write {PRIVATE} before it in {self.setting}.",
                cause="PRIVATE_ADDRESS",
            )
        return addresses[0]


@dataclass(frozen=True, slots=True)
class Origins:
    """The allowed origins, and whether each may have private addresses.

    An origin with an address in the place of a name is allowed as it stands. Plain HTTP is for this machine only,
    unless something else protects the traffic.
    """

    allowed: tuple[tuple[Origin, bool], ...] = ()
    setting: str = SETTING
    field: str = FIELD
    resolve: Resolve = resolved

    @classmethod
    def parse(cls, text: str, setting: str = SETTING, field: str = FIELD, *, plain: bool = False) -> Self:
        """The origins of the setting, e.g. `https://hooks.example.org,+https://hooks.internal:8443`.

        Args:
            text: the setting's.
            setting: its name, for errors.
            field: of requests, which names an address, for errors.
            plain: whether plain HTTP may be used to other machines.

        Raises:
            ConfigurationInvalid: one is no origin, or uses plain HTTP to another machine.
        """
        found = []
        for each in filter(None, (part.strip() for part in text.split(","))):
            origin, rest = _split(each.removeprefix(PRIVATE))
            if origin is None or rest is None or rest.path or rest.query:
                raise ConfigurationInvalid(f"{setting} has a part that is no origin, as https://hooks.example.org is.")
            if origin[0] == "http" and not (plain or _is_loopback(origin[1])):
                raise ConfigurationInvalid(f"{setting}: plain HTTP can be used to this machine only. Write https.")
            is_explicit = each.startswith(PRIVATE) or _is_address(origin[1]) or _is_loopback(origin[1])
            found.append((origin, is_explicit))
        return cls(tuple(found), setting, field)

    def target(self, url: str) -> Target:
        """Where a callback to this URL goes.

        Raises:
            FieldInvalid: it is no URL, or its origin is not allowed.
        """
        origin, parts = _split(url)
        if origin is None or parts is None or len(url) > MAX_URL or not url.isascii() or not url.isprintable():
            raise FieldInvalid(self.field, "an https URL without user, password and fragment is needed, in ASCII.")
        for allowed, may_be_private in self.allowed:
            if allowed == origin:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                return Target(*origin, path, may_be_private, self.setting, self.resolve)
        raise FieldInvalid(self.field, f"its origin is not among those of {self.setting}.")


def _split(url: str) -> tuple[Origin | None, SplitResult | None]:
    """The origin and the parts of a URL; None if it cannot be used."""
    if any(each.isspace() or each == "\\" for each in url):
        return None, None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None, None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or parts.fragment or port == 0:
        return None, None
    return (parts.scheme, parts.hostname, port or PORTS[parts.scheme]), parts


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _is_public(address: str) -> bool:
    """Whether everybody may be sent there; an address of IPv4 inside one of IPv6 counts as that of IPv4."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed not in _NAT64 and not parsed.ipv4_mapped:
            return parsed.is_global and parsed in _UNICAST and parsed not in _SIX_TO_FOUR
        parsed = ipaddress.IPv4Address(parsed.packed[-4:])
    return parsed.is_global and not parsed.is_multicast
