"""The broker and the data share, as the settings describe them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.mosip_abis.configured import address_of, share_of
from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings


def test_brokers() -> None:
    """Several can be named, also by IPv6."""
    found = address_of(Settings(mosip_abis_broker="127.0.0.1:61613, [::1]:61614"))
    assert (("127.0.0.1", 61613), ("::1", 61614)) == found.servers
    assert found.tls is None


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", "127.0.0.1:", ":61613", "localhost:0", "localhost:70000", "a:1,,b:2"]
)
def test_what_is_no_broker(text: str) -> None:
    """A host and a port are needed."""
    with pytest.raises(ConfigurationInvalid, match="HOST:PORT"):
        address_of(Settings(mosip_abis_broker=text))


def test_other_machines_need_tls() -> None:
    """A broker elsewhere is not spoken to in clear, unless something else protects the traffic."""
    settings = Settings(mosip_abis_broker="broker.example.org:61613")
    with pytest.raises(ConfigurationInvalid, match="TLS is off"):
        address_of(settings)
    assert address_of(replace(settings, allow_insecure_bind=True)).tls is None
    assert address_of(replace(settings, mosip_abis_broker_authority="system")).tls is not None
    with pytest.raises(ConfigurationInvalid, match="AUTHORITY"):
        address_of(replace(settings, mosip_abis_broker_authority="/absent"))


def test_shares_in_clear() -> None:
    """Addresses of a share and of the tokens are https, unless something else protects the traffic."""
    settings = Settings(mosip_abis_share_origins="+http://share.internal")
    with pytest.raises(ConfigurationInvalid, match="plain HTTP"):
        share_of(settings)
    share_of(replace(settings, allow_insecure_bind=True))
    tokens = {
        "mosip_abis_auth_url": "http://auth.internal/v1",
        "mosip_abis_client_id": "c",
        "mosip_abis_secret_file": "s",
    }
    with pytest.raises(ConfigurationInvalid, match="plain HTTP"):
        share_of(Settings(**tokens))
    with pytest.raises(ConfigurationInvalid, match="needed together"):
        Settings(mosip_abis_auth_url="https://auth.internal/v1")
