"""Under which addresses browsers may reach the console."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from infra.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses.

    Args:
        origins: as browsers state them, the first one is the console's own.
        is_loopback: only this machine can reach it.
    """

    origins: tuple[str, ...]
    is_loopback: bool

    @classmethod
    def of(cls, settings: Settings, port: int) -> Self:
        """As the settings say, for a console that listens on this port."""
        is_loopback = settings.console_host in {"127.0.0.1", "::1", "localhost"}
        if settings.console_origin:
            parts = urlsplit(settings.console_origin)
            return cls((f"{parts.scheme}://{parts.netloc}",), is_loopback)
        scheme = "https" if settings.console_tls_certificate else "http"
        hosts = LOOPBACK if is_loopback else (settings.console_host,)
        return cls(tuple(f"{scheme}://{host}:{port}" for host in hosts), is_loopback)

    @property
    def own(self) -> str:
        """The console's own origin."""
        return self.origins[0]

    @property
    def hosts(self) -> frozenset[str]:
        """What the header Host may be."""
        return frozenset(urlsplit(each).netloc for each in self.origins)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach it by TLS."""
        return self.own.startswith("https:")
