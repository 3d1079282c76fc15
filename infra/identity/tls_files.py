"""PEM files for TLS, read again when they change. Files that cannot be used leave the last good ones in force."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from biometrics.errors import ConfigurationInvalid
from infra.file_watch import FileWatch

log = logging.getLogger("biofusion.tls")


@dataclass(frozen=True, slots=True)
class Pem:
    """The bytes of TLS files that fit together.

    Args:
        certificate: chain of the own certificate; b"" without one.
        key: its private key.
        authority: certificates of the authority to trust; b"" without one.
    """

    certificate: bytes = b""
    key: bytes = b""
    authority: bytes = b""


class TlsFiles:
    """The files of a certificate, its key, and an authority. Safe to use from several threads.

    Args:
        certificate, key, authority: paths; "" for none.

    Raises:
        ConfigurationInvalid: they cannot be read, or do not fit together.
    """

    def __init__(self, certificate: str = "", key: str = "", authority: str = "") -> None:
        self.certificate, self.key, self.authority = certificate, key, authority
        self._lock = Lock()
        self._watch = FileWatch(*filter(None, self._paths))
        self._pem = self._read()

    def current(self) -> Pem:
        """The last good contents; the same object as long as nothing changes."""
        with self._lock:
            if self._watch.has_changed():
                self._renew()
            return self._pem

    def is_valid_now(self) -> bool:
        """Whether the dates of the own certificate include now."""
        own = _certificates(self.current().certificate)[0]
        return own.not_valid_before_utc <= datetime.now(UTC) <= own.not_valid_after_utc

    def _renew(self) -> None:
        try:
            self._pem = self._read()
        except ConfigurationInvalid as error:
            log.warning("the TLS files have changed and cannot be used; the earlier ones stay: %s", error.message)
        else:
            log.info("the TLS files have changed and are used from now on")

    @property
    def _paths(self) -> tuple[str, str, str]:
        return self.certificate, self.key, self.authority

    def _read(self) -> Pem:
        pem = Pem(*(read_pem(path) if path else b"" for path in self._paths))
        if self.certificate and not _is_pair(pem):
            raise ConfigurationInvalid(
                f"The TLS files {self.certificate} and {self.key} are not a certificate and its key, in PEM."
            )
        if self.authority and not _certificates(pem.authority):
            raise ConfigurationInvalid(
                f"The TLS file {self.authority} contains no certificate of an authority, in PEM."
            )
        return pem


def read_pem(path: str) -> bytes:
    """The bytes of a TLS file.

    Raises:
        ConfigurationInvalid: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigurationInvalid(f"Cannot read the TLS file {path}: {error.strerror}.") from error


def _is_pair(pem: Pem) -> bool:
    chain = _certificates(pem.certificate)
    try:
        key = load_pem_private_key(pem.key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it is encrypted
        return False
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return bool(chain) and chain[0].public_key().public_bytes(*form) == key.public_key().public_bytes(*form)


def _certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates in these bytes; none if any of them cannot be read."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        return []
