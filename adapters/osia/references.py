"""Fetches what a request refers to by address: from allowed origins only."""

from __future__ import annotations

import ssl

from adapters.osia.faults import bad
from biometrics.errors import FieldInvalid, ServiceUnavailable
from infra.callbacks.fetching import fetch
from infra.callbacks.origins import Origins


class References:
    """Fetches.

    Args:
        origins: that are allowed.
        most_bytes: of one answer.
        authority: whom certificates are checked by; None: the machine's authorities.
    """

    def __init__(self, origins: Origins, most_bytes: int, authority: ssl.SSLContext | None = None) -> None:
        self._origins, self._most_bytes, self._authority = origins, most_bytes, authority

    async def fetch(self, address: str, path: str) -> bytes:
        """The bytes at an address that stands in the field `path`. Raises Refused: there are none."""
        try:
            return await fetch(self._origins.target(address), self._most_bytes, self._authority)
        except FieldInvalid:
            raise bad(f"{path}: its origin is not among those of {self._origins.setting}.") from None
        except ServiceUnavailable as error:
            raise bad(f"{path}: it cannot be fetched ({error.metadata.get('cause', error.reason)}).") from None
