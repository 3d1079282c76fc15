"""The broker and the data share, as the settings describe them."""

from __future__ import annotations

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from adapters.mosip_abis.queue.broker import Address
from adapters.mosip_abis.share.envelopes import read_envelopes
from adapters.mosip_abis.share.share import Share
from adapters.mosip_abis.share.tokens import Tokens
from biometrics.errors import ConfigurationInvalid, FieldInvalid
from infra.callbacks.origins import PRIVATE, Origins, Target
from infra.settings import Settings
from infra.wire.addresses import is_this_machine

SYSTEM = "system"
"""In place of a file: the machine's authorities."""
_BROKER, _AUTH = "BIOFUSION_MOSIP_ABIS_BROKER", "BIOFUSION_MOSIP_ABIS_AUTH_URL"
_MOST_PORT = 65535


def address_of(settings: Settings) -> Address:
    """Where the broker is.

    Raises:
        ConfigurationInvalid: an address or a file cannot be used, or it is on another machine and TLS is off.
    """
    servers = tuple(_server(each) for each in settings.mosip_abis_broker.split(","))
    authority = settings.mosip_abis_broker_authority
    if not (authority or settings.allow_insecure_bind):
        for host, port in servers:
            if not is_this_machine(f"[{host}]:{port}" if ":" in host else f"{host}:{port}"):
                raise ConfigurationInvalid(
                    f"{_BROKER} is on another machine and TLS is off. Set {_BROKER}_AUTHORITY, or "
                    "BIOFUSION_ALLOW_INSECURE_BIND=true if something else protects the traffic."
                )
    return Address(
        servers,
        settings.mosip_abis_user,
        _password(settings.mosip_abis_password_file),
        settings.mosip_abis_requests,
        settings.mosip_abis_answers,
        _tls(authority) if authority else None,
    )


def share_of(settings: Settings) -> Share:
    """The data share. Raises ConfigurationInvalid: an address or a file cannot be used."""
    plain = settings.allow_insecure_bind
    origins = Origins.parse(
        settings.mosip_abis_share_origins, "BIOFUSION_MOSIP_ABIS_SHARE_ORIGINS", "referenceURL", plain=plain
    )
    tokens = envelopes = None
    if settings.mosip_abis_auth_url:
        target = _target(settings.mosip_abis_auth_url, plain=plain)
        client, secret = settings.mosip_abis_client_id, settings.mosip_abis_secret_file
        tokens = Tokens(target, client, secret, settings.mosip_abis_app_id)
    if settings.mosip_abis_partner_file:
        envelopes = read_envelopes(settings.mosip_abis_partner_file, settings.mosip_abis_partner_password_file)
    return Share(origins, tokens, envelopes, settings.adapter_max_body_mb * 2**20)


def _server(text: str) -> tuple[str, int]:
    host, _, port = text.strip().rpartition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) <= _MOST_PORT):
        raise ConfigurationInvalid(f"{_BROKER} has a part that is no HOST:PORT.")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _tls(authority: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if authority == SYSTEM else authority)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationInvalid(f"The file of {_BROKER}_AUTHORITY cannot be used.") from error


def _password(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationInvalid("The file of BIOFUSION_MOSIP_ABIS_PASSWORD_FILE cannot be read.") from error


def _target(url: str, *, plain: bool) -> Target:
    """Where tokens are given: the operator says so, thus it may be at a private address."""
    parts = urlsplit(url)
    origins = Origins.parse(f"{PRIVATE}{parts.scheme}://{parts.netloc}", _AUTH, _AUTH, plain=plain)
    try:
        return origins.target(url)
    except FieldInvalid as error:
        raise ConfigurationInvalid(error.message) from None
