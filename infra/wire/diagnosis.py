"""Diagnoses why a server cannot be reached: from gRPC's error text, and by own connection attempts if that is vague."""

from __future__ import annotations

import socket
import ssl

from infra.wire.addresses import addresses
from infra.wire.faults import Fault, certificate_fault, fault_of

TIME_S = 1.0
"""Timeout of one connection attempt, in seconds."""

_VAGUE = (Fault.REFUSED, Fault.CLOSED, Fault.LOST, Fault.UNKNOWN)
"""Faults after which to look: gRPC may have reported only one of several addresses, or cannot know."""


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
        return certificate_fault(error.verify_code)
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
