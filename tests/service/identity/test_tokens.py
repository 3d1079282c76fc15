"""Who is let in by tokens, on real servers."""

from __future__ import annotations

import time
from pathlib import Path

import grpc
import pytest
from biofusion.fusion.v1 import fusion_models_pb2, fusion_models_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from biometrics.errors import ConfigurationInvalid
from infra.serving.server import Server
from infra.settings import Settings
from tests.support.identity.named_server import certificates, channel, named_server, told, told_by_stream
from tests.support.identity.tokens import AUDIENCE, ISSUER, jwk, key, key_set, token

KIOSK = f"{ISSUER}#kiosk-7"
FUSION = "spiffe://example.org/fusion"


def bearer(sent: str) -> tuple[str, str]:
    """Metadata with a token."""
    return "authorization", f"Bearer {sent}"


@pytest.fixture
def tokens(tmp_path: Path) -> dict[str, str]:
    """The settings of a server that takes tokens, with keys in a file."""
    (tmp_path / "keys.json").write_bytes(key_set(jwk(key(), "one")))
    return {"token_issuer": ISSUER, "token_audience": AUDIENCE, "token_keys": str(tmp_path / "keys.json")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a server and a caller."""
    return certificates(tmp_path_factory.mktemp("tls"), ("fusion", f"URI:{FUSION}", 2))


async def test_calls_and_streams_need_a_valid_token(tokens: dict[str, str]) -> None:
    """On loopback also in plain text; what is wrong is told, and health needs none."""
    async with named_server(**tokens) as server, channel(server.port) as to:
        for ask in (told, told_by_stream):
            assert KIOSK == await ask(to, bearer(token()))
            assert "TOKEN_MISSING" == await ask(to)
            assert "TOKEN_EXPIRED" == await ask(to, bearer(token(exp=int(time.time()) - 60)))
            assert "TOKEN_AUDIENCE" == await ask(to, bearer(token(aud="other")))
            assert "TOKEN_ISSUER" == await ask(to, bearer(token(iss="https://other.example.org")))
            assert "TOKEN_SIGNATURE" == await ask(to, bearer(token(key(name="other"))))
            assert "TOKEN_KEY" == await ask(to, bearer(token(kid="other")))
            assert "TOKEN_ALGORITHM" == await ask(to, bearer(token(key("RS256"), "one", "RS384")))
        health = await health_pb2_grpc.HealthStub(to).Check(health_pb2.HealthCheckRequest())
        assert health_pb2.HealthCheckResponse.SERVING == health.status


async def test_a_status_tells_what_is_wrong_and_not_the_token(tokens: dict[str, str]) -> None:
    """The code is UNAUTHENTICATED, and the log line has neither."""
    sent = token(aud="other")
    async with named_server(**tokens) as server, channel(server.port) as to:
        stub = fusion_models_pb2_grpc.FusionModelServiceStub(to)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.GetFusionModel(fusion_models_pb2.GetFusionModelRequest(), metadata=[bearer(sent)], timeout=20)
    assert grpc.StatusCode.UNAUTHENTICATED is caught.value.code()
    assert "The token is for another audience. Get a new one for this service." == caught.value.details()
    assert sent[-20:] not in str(caught.value.trailing_metadata())


async def test_certificates_and_tokens_have_ports_of_their_own(tokens: dict[str, str], folder: Path) -> None:
    """A caller with a certificate needs no token, and one with a token no certificate."""
    files = {"tls_certificate": "server.pem", "tls_key": "server.key", "tls_client_authority": "authority.pem"}
    both = tokens | {name: str(folder / file) for name, file in files.items()} | {"token_port": 0}
    async with named_server(**both) as server:
        async with channel(server.port, folder, "fusion") as to:
            assert (FUSION, "TOKEN_UNEXPECTED") == (await told(to), await told(to, bearer(token())))
        async with channel(server.token_port, folder) as to:
            assert (KIOSK, "TOKEN_MISSING") == (await told(to, bearer(token())), await told(to))
        async with channel(server.token_port, folder, "fusion") as to:
            assert "TOKEN_MISSING" == await told(to)
        for port, where in ((server.port, folder), (server.token_port, None)):
            async with channel(port, where) as to:
                assert "UNAVAILABLE" == await told(to, bearer(token()))


async def test_only_accepted_subjects_come_in(tokens: dict[str, str]) -> None:
    """With the purpose that they state."""
    async with named_server(**tokens, allowed_callers=KIOSK) as server, channel(server.port) as to:
        assert f"{KIOSK} border-control" == await told(to, bearer(token()), ("biofusion-purpose", "border-control"))
        assert "CALLER_NOT_ALLOWED" == await told(to, bearer(token(sub="kiosk-8")))


async def test_without_the_issuers_keys_callers_may_try_again(tokens: dict[str, str]) -> None:
    """As the fault is not theirs."""
    nowhere = tokens | {"token_keys": tokens["token_keys"] + ".missing"}
    async with named_server(**nowhere) as server, channel(server.port) as to:
        assert "TOKEN_KEYS_UNAVAILABLE" == await told(to, bearer(token()))


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"tls_client_authority": "a.pem"}, "TLS_CLIENT_AUTHORITY needs BIOFUSION_TLS_CERTIFICATE"),
        ({"allowed_callers": FUSION}, "ALLOWED_CALLERS needs"),
        ({"token_issuer": ISSUER}, "needed together"),
        ({"token_issuer": ISSUER, "token_audience": "a", "token_keys": "http://issuer.example.org"}, "TOKEN_KEYS must"),
        ({"token_issuer": "a#b", "token_audience": "a", "token_keys": "k"}, "TOKEN_ISSUER must"),
        ({"token_algorithms": "HS256"}, "TOKEN_ALGORITHMS is 'HS256'"),
        ({"token_algorithms": "none"}, "TOKEN_ALGORITHMS is 'none'"),
        ({"token_algorithms": ","}, "TOKEN_ALGORITHMS is ','"),
        ({"token_port": 0}, "TOKEN_PORT needs"),
        (
            {"token_issuer": ISSUER, "token_audience": "a", "token_keys": "k", "tls_certificate": "c", "tls_key": "k"}
            | {"tls_client_authority": "a"},
            "TOKEN_PORT is needed",
        ),
        ({"token_issuer": ISSUER, "token_audience": "a", "token_keys": "k", "host": "0.0.0.0"}, "TLS is off"),
    ],
)
async def test_settings_that_contradict_each_other_are_refused(settings: dict[str, str], named: str) -> None:
    """At start, by the name of the setting."""
    with pytest.raises(ConfigurationInvalid, match=named):
        Server(Settings(port=0, **settings), 0)
