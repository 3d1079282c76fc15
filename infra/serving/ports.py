"""The ports of a server: plain text or TLS, with or without certificates of callers; certificates are read again."""

from __future__ import annotations

import logging
from typing import Any

import grpc

from infra.identity.tls_files import Pem, TlsFiles
from infra.serving.binding import bound, joined
from infra.settings import Settings

log = logging.getLogger("biofusion.server")


def open_ports(server: grpc.aio.Server, settings: Settings, port: int) -> tuple[int, int]:
    """Let a server listen.

    Args:
        server: not yet started.
        settings: host, TLS files, and the port for tokens.
        port: 0 takes a free one.

    Returns:
        The port, and that of callers with tokens; -1 if there is none of its own.

    Raises:
        ConfigurationInvalid: an address cannot be listened on, or the TLS files cannot be used.
    """
    if not settings.tls_certificate:
        return bound(server, joined(settings.host, port)), -1
    files = TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_client_authority)
    asks = bool(settings.tls_client_authority)
    main = bound(server, joined(settings.host, port), server_credentials(files, asks=asks))
    if settings.token_port < 0:
        return main, -1
    for_tokens = joined(settings.host, settings.token_port)
    return main, bound(server, for_tokens, server_credentials(files, asks=False))


def server_credentials(files: TlsFiles, *, asks: bool) -> grpc.ServerCredentials:
    """Credentials that follow the files: each new connection is made with their present contents.

    gRPC cannot ask for a certificate and also do without; so a port either demands one (`asks`) or sees none.
    """
    given = files.current()

    def fetch() -> grpc.ServerCertificateConfiguration | None:  # called by gRPC at every handshake, in its threads
        nonlocal given
        found = files.current()
        if found is given:
            return None
        given = found
        return _configuration(found)

    fetcher: Any = fetch  # the stubs do not know that None stands for no change
    return grpc.dynamic_ssl_server_credentials(_configuration(given), fetcher, require_client_authentication=asks)


def tell_openness(settings: Settings, address: str) -> None:
    """Warn of a server that other machines reach without proving who they are."""
    if settings.loopback:
        return
    if not settings.tls_certificate:
        log.warning("listening on %s WITHOUT TLS beyond loopback, as BIOFUSION_ALLOW_INSECURE_BIND allows", address)
    elif not settings.asks_for_names:
        log.warning("ANYBODY is served on %s: set BIOFUSION_TLS_CLIENT_AUTHORITY or BIOFUSION_TOKEN_ISSUER", address)


def _configuration(pem: Pem) -> grpc.ServerCertificateConfiguration:
    pairs = [(pem.key, pem.certificate)]
    return grpc.ssl_server_certificate_configuration(pairs, root_certificates=pem.authority or None)
