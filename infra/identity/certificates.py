"""The name in a caller's certificate: the one SPIFFE id among its subject alternative names.

gRPC has verified the signature and the dates when the connection was made, and that the caller has the key. A
connection outlives a certificate, so the end is looked at again with every call.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from biometrics.errors import CallerUnknown
from infra.identity.caller import Caller, Proof
from infra.identity.names import is_spiffe_id

KNOWN = 4096
"""Certificates whose names are remembered."""


class _Named(NamedTuple):
    """What is read of a certificate: its caller, or why it has none; and its end, in seconds since 1970."""

    caller: Caller | None
    fault: str
    end_s: float


def caller_of_certificate(pem: bytes) -> Caller:
    """The caller to whom a verified certificate belongs.

    Args:
        pem: the certificate, as gRPC gives it.

    Raises:
        CallerUnknown: it has expired since the connection was made; it has no SPIFFE id, several names of this kind,
            or one that is none (X509-SVID, 2); it is an authority's.
    """
    named = _named(pem)
    if named.end_s < time.time():
        raise CallerUnknown(
            "The certificate shown has expired. Renew it, and connect anew.", reason="CERTIFICATE_EXPIRED"
        )
    if named.caller is None:
        raise CallerUnknown(f"The certificate shown names no caller: {named.fault}.", reason="CERTIFICATE_NAME")
    return named.caller


@lru_cache(maxsize=KNOWN)
def _named(pem: bytes) -> _Named:
    certificate = x509.load_pem_x509_certificate(pem)
    end_s = certificate.not_valid_after_utc.timestamp()
    fault = _fault(certificate)
    return _Named(None if fault else Caller(_uris(certificate)[0], Proof.CERTIFICATE), fault, end_s)


def _fault(certificate: x509.Certificate) -> str:
    """Why it names no caller; "" if it does."""
    try:
        uris = _uris(certificate)
        extension = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound as error:
        if error.oid == ExtensionOID.SUBJECT_ALTERNATIVE_NAME:
            return "it has no subject alternative names, and spiffe://DOMAIN/PATH must be one"
        return _misnamed(uris)
    except ValueError:  # also x509.DuplicateExtension
        return "its extensions cannot be read"
    return "it is an authority's" if extension.value.ca else _misnamed(uris)


def _misnamed(uris: list[str]) -> str:
    if len(uris) != 1:
        return f"it has {len(uris)} URIs among its subject alternative names, and must have one, spiffe://DOMAIN/PATH"
    return "" if is_spiffe_id(uris[0]) else "the URI among its names is not spiffe://DOMAIN/PATH"


def _uris(certificate: x509.Certificate) -> list[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.UniformResourceIdentifier)
