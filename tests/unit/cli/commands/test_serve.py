from __future__ import annotations

import pytest

from cli.commands.serve import grpcurl_lines, proof
from infra.settings import Settings

TLS = {"tls_certificate": "c", "tls_key": "k"}
TOKENS = {"token_issuer": "https://i.org", "token_audience": "a", "token_keys": "k"}


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({}, "-plaintext"),
        (TLS, "-cacert AUTHORITY.pem"),
        (TLS | {"tls_client_authority": "a"}, "-cacert AUTHORITY.pem -cert YOURS.pem -key YOURS.key"),
        (TLS | TOKENS, "-cacert AUTHORITY.pem -H 'authorization: Bearer TOKEN'"),
    ],
)
def test_the_printed_calls_are_let_in(settings: dict[str, str], options: str) -> None:
    """They show what the server asks for."""
    lines = grpcurl_lines("127.0.0.1:50050", proof(Settings(**settings)))
    assert f"grpcurl {options} 127.0.0.1:50050 list" == lines[0]
