"""Diagnoses why a server cannot be reached: from gRPC's error text, and by own connection attempts if that is vague."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress

from infra.identity.tls_files import TlsFiles
from infra.wire.addresses import addresses
from infra.wire.faults import Fault, certificate_fault, fault_of, refusal

TIME_S = 1.0
"""Timeout of one connection attempt, in seconds."""

_VAGUE = (Fault.REFUSED, Fault.CLOSED, Fault.LOST, Fault.UNKNOWN)
"""Faults after which to look: gRPC may have reported only one of several addresses, or cannot know."""


def diagnose(details: str, target: str, files: TlsFiles | None) -> Fault:
    """Why a call that failed with UNAVAILABLE had no connection.

    If gRPC's details leave it open, e.g. since they concern only the last of several addresses, each address is tried:
    is there a connection, does it speak TLS, is each side's certificate valid? That takes a few seconds at most.

    Args:
        details: gRPC's text.
        target: of the channel; a proxy in between is not known here.
        files: what the channel trusts, and shows; None: no TLS.
    """
    fault = fault_of(details)
    if fault not in _VAGUE:
        return fault
    try:
        context = _context(files)
    except (OSError, ValueError):  # the files are just being replaced
        return fault
    seen = {_look(host, port, context) for host, port in addresses(target)} - {None, Fault.REFUSED}
    found = next((each for each in Fault if each in seen), fault)
    return _own_fault(files) if files and found is Fault.SHOWN_REFUSED else found


def _own_fault(files: TlsFiles) -> Fault:
    """What is wrong with the certificate that we show, to a server that does not say it."""
    if not files.certificate:
        return Fault.CERTIFICATE_MISSING
    return Fault.SHOWN_REFUSED if files.is_valid_now() else Fault.SHOWN_EXPIRED


def _context(files: TlsFiles | None) -> ssl.SSLContext:
    """What the channel does; without TLS, a handshake that trusts anybody, to see whether there is TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_alpn_protocols(["h2"])
    if files is None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context
    context.load_verify_locations(files.authority)
    if files.certificate:
        context.load_cert_chain(files.certificate, files.key)
    return context


def _look(host: str, port: int, context: ssl.SSLContext) -> Fault | None:
    """The fault of the first address of this name that accepts a connection; None: none is seen here."""
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
            return _greet(numeric) if seen is None and not context.check_hostname else seen
        except TimeoutError:
            fault = Fault.SILENT
        except OSError:
            pass
    return fault


def _shake_hands(connection: socket.socket, host: str, context: ssl.SSLContext) -> Fault | None:
    """The fault of the TLS handshake; None: it succeeded, or neither side uses TLS.

    With TLS 1.3 a server refuses our certificate after our side of the handshake. gRPC's closes the connection without
    an alert then, others send one.
    """
    try:
        with context.wrap_socket(connection, server_hostname=host) as wrapped:
            if not context.check_hostname:
                return Fault.TLS
            with suppress(TimeoutError):
                return None if wrapped.recv(1) else Fault.SHOWN_REFUSED
            return None
    except ssl.SSLCertVerificationError as error:
        return certificate_fault(error.verify_code)
    except ssl.SSLError as error:
        found = refusal(error.reason)
        return found or (Fault.NO_TLS if context.check_hostname else None)
    except OSError:
        return Fault.NO_TLS if context.check_hostname else None


def _greet(address: tuple[str, int]) -> Fault | None:
    """The fault if the server does not speak HTTP/2, whose first frame is SETTINGS (RFC 9113, 3.4); else None."""
    with socket.create_connection(address, TIME_S) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        frame = connection.recv(9)
    if not frame:
        return Fault.CLOSED
    return None if frame[3:4] == b"\x04" else Fault.NO_GRPC
