"""Store URLs of Redis: one server, Sentinels, or a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from urllib.parse import unquote, urlsplit

from biometrics.errors import ConfigurationInvalid

DEFAULT_PORT, SENTINEL_PORT = 6379, 26379
FORMS = (
    "redis://HOST:PORT/DATABASE, redis+sentinel://HOST:PORT,HOST:PORT/NAME/DATABASE or "
    "redis+cluster://HOST:PORT,HOST:PORT (rediss… for TLS)"
)


class Kind(StrEnum):
    """What a URL names: one server, Sentinels that know the primary, or nodes of a cluster."""

    SERVER = ""
    SENTINEL = "sentinel"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed URL.

    Args:
        kind: what the hosts are.
        hosts: at least one host with its port.
        primary: name by which Sentinels know the primary; else "".
        database: number of the database.
        tls: whether to connect by TLS.
    """

    kind: Kind
    hosts: tuple[tuple[str, int], ...]
    primary: str
    database: int
    tls: bool

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read a URL.

        Raises:
            ConfigurationInvalid: it is none of `FORMS`, or holds a password. The message does not repeat it.
        """
        try:
            parts = urlsplit(url)
            scheme, _, kind = parts.scheme.partition("+")
            path = [unquote(each) for each in parts.path.split("/") if each]
            name = path.pop(0) if kind == Kind.SENTINEL else ""
            database = int(path.pop(0)) if path else 0
            hosts = tuple(_host(each, Kind(kind)) for each in parts.netloc.split(","))
        except (ValueError, IndexError) as error:
            raise _refused() from error
        if scheme not in ("redis", "rediss") or path or parts.query or (database and kind == Kind.CLUSTER):
            raise _refused()
        return cls(Kind(kind), hosts, name, database, scheme == "rediss")


def is_redis(url: str) -> bool:
    """Whether the URL's scheme is one of `FORMS`."""
    scheme, found, _ = url.partition("://")
    return bool(found) and scheme in {f"{kind}{ending}" for kind in ("redis", "rediss") for ending in _ENDINGS}


_ENDINGS = ("", *(f"+{kind}" for kind in Kind if kind))


def _host(text: str, kind: Kind) -> tuple[str, int]:
    if "@" in text:
        raise ConfigurationInvalid(
            "The Redis URL holds a user or a password. State the user in BIOFUSION_REDIS_USER, write the password to a "
            "file, and name the file in BIOFUSION_REDIS_PASSWORD_FILE."
        )
    parts = urlsplit(f"//{text}")
    if not parts.hostname:
        raise ValueError
    return parts.hostname, parts.port or (SENTINEL_PORT if kind is Kind.SENTINEL else DEFAULT_PORT)


def _refused() -> ConfigurationInvalid:
    return ConfigurationInvalid(f"The Redis URL cannot be read. Write {FORMS}.")
