"""Diagnoses why a server cannot be reached: from gRPC's error text, and by own connection attempts if that is vague."""

from __future__ import annotations

import socket
import ssl
from enum import StrEnum

from infra.wire.connections import addresses

TIME_S = 1.0
"""Timeout of one connection attempt, in seconds."""


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
    AUTHORITY_UNREADABLE = "the file of the trusted authority contains no PEM certificate"
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

_VAGUE = (Fault.REFUSED, Fault.CLOSED, Fault.LOST, Fault.UNKNOWN)
"""Faults after which to look: gRPC may have reported only one of several addresses, or cannot know."""

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


def diagnose(details: str, target: str, authority: bytes | None) -> Fault:
    """Why a call that failed with UNAVAILABLE had no connection.

    If gRPC's details leave it open, e.g. since they concern only the last of several addresses, each address is tried:
    is there a connection, does it speak TLS, is the certificate valid? That takes a few seconds at most.

    Args:
        details: gRPC's text.
        target: of the channel; a proxy in between is not known here.
        authority: PEM certificates that the channel trusts; None: no TLS.
    """
    fault = fault_of(details)
    if fault not in _VAGUE:
        return fault
    seen = {_look(host, port, authority) for host, port in addresses(target)} - {None, Fault.REFUSED}
    return next((each for each in Fault if each in seen), fault)


def _look(host: str, port: int, authority: bytes | None) -> Fault | None:
    """The fault of the first address of this name that accepts a connection; None: none is seen here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    try:
        if authority is None:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        else:
            context.load_verify_locations(cadata=authority.decode("ascii"))
    except (ssl.SSLError, ValueError):
        return Fault.AUTHORITY_UNREADABLE
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return Fault.NAME_UNKNOWN
    fault = Fault.REFUSED
    for *_, address in found:
        try:
            numeric = str(address[0]), port
            with socket.create_connection(numeric, TIME_S) as connection:
                seen = _shake_hands(connection, host, context)
            return _greet(numeric) if authority is None and seen is None else seen
        except TimeoutError:
            fault = Fault.SILENT
        except OSError:
            pass
    return fault


def _shake_hands(connection: socket.socket, host: str, context: ssl.SSLContext) -> Fault | None:
    """The fault of the TLS handshake; None: it succeeded, or neither side uses TLS."""
    try:
        with context.wrap_socket(connection, server_hostname=host):
            return None if context.check_hostname else Fault.TLS
    except ssl.SSLCertVerificationError as error:
        return _VERIFICATION.get(error.verify_code, Fault.CERTIFICATE_REFUSED)
    except OSError:  # ssl.SSLError is one
        return Fault.NO_TLS if context.check_hostname else None


def _greet(address: tuple[str, int]) -> Fault | None:
    """The fault if the server does not speak HTTP/2, whose first frame is SETTINGS (RFC 9113, 3.4); else None."""
    with socket.create_connection(address, TIME_S) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        frame = connection.recv(9)
    if not frame:
        return Fault.CLOSED
    return None if frame[3:4] == b"\x04" else Fault.NO_GRPC
