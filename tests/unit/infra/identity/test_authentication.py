from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from biometrics.errors import CallerUnknown, FieldInvalid
from infra.identity.authentication import Authentication, Identified
from infra.identity.caller import LOCAL, Caller, Proof
from infra.identity.intent import Intent
from infra.identity.visit import Visit
from infra.settings import Settings
from tests.support.identity.tokens import AUDIENCE, ISSUER, jwk, key, key_set, token
from tests.support.tls import Authority


@dataclass
class Call:
    """What a server knows of a call."""

    metadata: list[tuple[str, str]] = field(default_factory=list)
    certificate: bytes = b""

    def auth_context(self) -> dict[str, list[bytes]]:
        """As grpc.aio.ServicerContext."""
        return {"x509_pem_cert": [self.certificate]} if self.certificate else {}

    def invocation_metadata(self) -> list[tuple[str, str]]:
        """As grpc.aio.ServicerContext."""
        return self.metadata


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a server that takes tokens."""
    (tmp_path / "keys.json").write_bytes(key_set(jwk(key(), "one")))
    return Settings(token_issuer=ISSUER, token_audience=AUDIENCE, token_keys=str(tmp_path / "keys.json"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority."""
    return Authority.make(tmp_path_factory.mktemp("tls"), "authority")


async def refusal(settings: Settings, call: Call) -> str:
    """Why a call is refused."""
    with pytest.raises(CallerUnknown) as caught:
        await Authentication.of(settings).caller_of(call)
    return caught.value.reason


async def test_whoever_reaches_a_server_without_proofs_is_local() -> None:
    """With the intent that it states; a token that would not be looked at is refused."""
    gate = Identified(Authentication.of(Settings()))
    call = Call([("biofusion-purpose", "border-control"), ("user-agent", "x")])
    assert Visit(LOCAL, Intent("border-control")) == await gate.visit("/m", call)
    assert "TOKEN_UNEXPECTED" == await refusal(Settings(), Call([("authorization", "Bearer x")]))
    with pytest.raises(FieldInvalid):
        await gate.visit("/m", Call([("biofusion-purpose", "a b")]))


async def test_a_token_names_its_caller(settings: Settings) -> None:
    """By issuer and subject, whatever the case of `Bearer`."""
    for scheme in ("Bearer ", "bearer  "):
        call = Call([("authorization", scheme + token())])
        assert Caller(f"{ISSUER}#kiosk-7", Proof.TOKEN) == await Authentication.of(settings).caller_of(call)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ([], "TOKEN_MISSING"),
        ([("authorization", "Basic YTpi")], "TOKEN_MALFORMED"),
        ([("authorization", "Bearer ")], "TOKEN_MALFORMED"),
        ([("authorization", "Bearer a.b.c")], "TOKEN_MALFORMED"),
        ([("authorization", "Bearer x"), ("authorization", "Bearer x")], "TOKEN_MALFORMED"),
    ],
)
async def test_anything_but_one_token_is_refused(
    settings: Settings, metadata: list[tuple[str, str]], reason: str
) -> None:
    """Where tokens are asked for."""
    assert reason == await refusal(settings, Call(metadata))


@pytest.mark.parametrize(
    ("names", "days", "reason"),
    [
        ("URI:spiffe://example.org/a,URI:spiffe://example.org/b", 2, "CERTIFICATE_NAME"),
        ("URI:https://example.org/a", 2, "CERTIFICATE_NAME"),
        ("URI:spiffe://example.org", 2, "CERTIFICATE_NAME"),
        ("DNS:fusion", 2, "CERTIFICATE_NAME"),
        ("URI:spiffe://example.org/a", -1, "CERTIFICATE_EXPIRED"),
    ],
)
async def test_certificates_without_one_name_are_refused(
    authority: Authority, names: str, days: int, reason: str
) -> None:
    """Of several names none counts; and one that has expired since the connection was made counts no more."""
    signed = authority.sign("caller", names, days).certificate.read_bytes()
    asking = Settings(tls_certificate="x", tls_key="x", tls_client_authority="x")
    assert reason == await refusal(asking, Call(certificate=signed))


async def test_an_authority_is_no_caller(authority: Authority) -> None:
    """Nor is a certificate without names, or none at all."""
    asking = Settings(tls_certificate="x", tls_key="x", tls_client_authority="x")
    assert "CERTIFICATE_NAME" == await refusal(asking, Call(certificate=authority.certificate.read_bytes()))
    assert "CERTIFICATE_MISSING" == await refusal(asking, Call())


async def test_a_certificate_names_its_caller_alone(authority: Authority, settings: Settings) -> None:
    """Whoever also sends a token is refused, as it may be another caller's."""
    signed = authority.sign("caller", "URI:spiffe://example.org/fusion,DNS:fusion").certificate.read_bytes()
    authentication = Authentication.of(settings)
    expected = Caller("spiffe://example.org/fusion", Proof.CERTIFICATE)
    assert expected == await authentication.caller_of(Call(certificate=signed))
    assert "TOKEN_UNEXPECTED" == await refusal(settings, Call([("authorization", f"Bearer {token()}")], signed))
