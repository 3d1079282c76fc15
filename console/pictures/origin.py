"""The one place from which pictures are fetched by their references."""

from __future__ import annotations

import ssl
from urllib.parse import quote

from biometrics.errors import ConfigurationInvalid
from console.faults import Refused
from console.fetching import Fetching
from infra.settings import Settings

WITHIN_S = 10.0
"""Seconds that fetching a picture may take."""


class Origin:
    """Fetches pictures from the configured address, by the console's certificate if it has one.

    Args:
        settings: the address, its authority, and the certificate that is shown to it.

    Raises:
        ConfigurationInvalid: a file cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._address = settings.console_picture_origin
        self._fetching = Fetching(settings.max_image_bytes, WITHIN_S, _context(settings) if self._address else None)

    def fetch(self, reference: str) -> bytes:
        """The bytes of a picture, which are of others; call it in a thread.

        The reference becomes one segment of the path: it cannot lead to another host, nor out of the folder.

        Raises:
            Refused: no address is set, or the reference cannot be a name.
            Unavailable: it cannot be had.
        """
        if not self._address:
            raise Refused(404, "no_origin")
        if not reference.strip("."):
            raise Refused(404, "not_found")
        return self._fetching.fetch(f"{self._address.rstrip('/')}/{quote(reference, safe='')}")


def _context(settings: Settings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.console_picture_authority or None)
        if settings.tls_certificate:
            context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationInvalid("The certificates for fetching pictures cannot be read.") from error
    return context
