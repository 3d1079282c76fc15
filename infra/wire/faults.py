"""Faults of a connection, and which of them a text of gRPC or a code of OpenSSL names."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why there is no connection, as the end of "… cannot be reached: "."""

    REFUSED = "nothing listens there"
    NAME_UNKNOWN = "its name has no address"
    SILENT = "it does not answer: it hangs, or a firewall drops the traffic"
    TLS = "it speaks TLS only"
    CLOSED = "it closed the connection at once, as TLS servers do when called without TLS"
    NO_TLS = "it does not speak TLS"
    CERTIFICATE_NAME = "its certificate is for another name than the target's"
    CERTIFICATE_EXPIRED = "its certificate has expired"
    CERTIFICATE_EARLY = "its certificate is not valid yet, or a clock is wrong"
    AUTHORITY_UNKNOWN = "its certificate is not signed by the trusted authority"
    CERTIFICATE_MISSING = "it takes only callers that show a certificate"
    SHOWN_REFUSED = "it does not take the certificate shown to it, e.g. as another authority signed it"
    SHOWN_EXPIRED = "the certificate shown to it has expired, or is not valid yet"
    CERTIFICATE_REFUSED = "the TLS handshake failed"
    NO_GRPC = "what listens there does not speak gRPC"
    PROXY = "the proxy that the environment names does not let the connection through"
    LOST = "the connection was lost"
    UNKNOWN = "there is no connection"


def fault_of(details: str) -> Fault:
    """Why there is no connection, from the details of a call that failed with UNAVAILABLE."""
    said = details.lower()
    return next((fault for words, fault in _WORDS if any(each in said for each in words)), Fault.UNKNOWN)


_WORDS: tuple[tuple[tuple[str, ...], Fault], ...] = (
    (("hostname verification", "not in peer certificate"), Fault.CERTIFICATE_NAME),
    (("certificate has expired",), Fault.CERTIFICATE_EXPIRED),
    (("not yet valid",), Fault.CERTIFICATE_EARLY),
    (("issuer certificate", "self signed", "self-signed", "certificate signature"), Fault.AUTHORITY_UNKNOWN),
    (("wrong_version_number", "wrong version number"), Fault.NO_TLS),
    (("http proxy",), Fault.PROXY),
    (("handshake failed", "certificate_verify_failed"), Fault.CERTIFICATE_REFUSED),
    (("failed parsing http/2", "http1.x", "http2 settings"), Fault.NO_GRPC),
    (("errors resolving", "dns resolution", "domain name not found", "name resolution"), Fault.NAME_UNKNOWN),
    (("before receiving settings", "timed out", "ping timeout", "keepalive", "no route"), Fault.SILENT),
    (("connection refused", "no such file"), Fault.REFUSED),
    (("all addresses; last error: unavailable", "all backends failing; last error: unavailable"), Fault.CLOSED),
    (("socket closed", "connection reset", "broken pipe", "goaway"), Fault.LOST),
)
"""Words in the details of gRPC's core, and their meaning; the first row that fits counts."""


def refusal(reason: str | None) -> Fault | None:
    """Why a server ended a connection, from the TLS alert as OpenSSL names it; None: by no alert about certificates."""
    return next((fault for words, fault in _ALERTS if words in (reason or "").upper()), None)


_ALERTS = (
    ("CERTIFICATE_REQUIRED", Fault.CERTIFICATE_MISSING),
    ("HANDSHAKE_FAILURE", Fault.CERTIFICATE_MISSING),  # TLS 1.2 has no alert of its own for it
    ("CERTIFICATE_EXPIRED", Fault.SHOWN_EXPIRED),
    ("BAD_CERTIFICATE", Fault.SHOWN_REFUSED),
    ("UNKNOWN_CA", Fault.SHOWN_REFUSED),
    ("UNSUPPORTED_CERTIFICATE", Fault.SHOWN_REFUSED),
    ("CERTIFICATE_UNKNOWN", Fault.SHOWN_REFUSED),
)
"""TLS alerts of servers that look at certificates (RFC 8446, 6.2)."""


def certificate_fault(code: int) -> Fault:
    """What is wrong with a certificate, from OpenSSL's X509_V_ERR_… code."""
    return _VERIFICATION.get(code, Fault.CERTIFICATE_REFUSED)


_VERIFICATION = {
    9: Fault.CERTIFICATE_EARLY,
    10: Fault.CERTIFICATE_EXPIRED,
    18: Fault.AUTHORITY_UNKNOWN,
    19: Fault.AUTHORITY_UNKNOWN,
    20: Fault.AUTHORITY_UNKNOWN,
    62: Fault.CERTIFICATE_NAME,
    64: Fault.CERTIFICATE_NAME,
}
"""OpenSSL's X509_V_ERR_… codes."""
