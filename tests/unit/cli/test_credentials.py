"""What the command shows to servers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
import grpc
import pytest
from biofusion.fusion.v1 import fusion_models_pb2, subjects_pb2
from click.testing import CliRunner

from biometrics.errors import ConfigurationInvalid
from cli.client import Target, connect
from cli.credentials import Credentials
from cli.output.failures import PRECONDITION, failure_of
from cli.server_options import server_options
from infra.caller_settings import CLIENT_VARIABLES
from infra.identity.intent import Intent
from infra.settings import Settings
from tests.support.identity.named_server import certificates, named_server
from tests.support.identity.tokens import AUDIENCE, ISSUER, jwk, key, key_set, token


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates, and the file of a token."""
    folder = tmp_path_factory.mktemp("tls")
    (folder / "token").write_text(token() + "\n")
    (folder / "lines").write_text("a\nb")
    (folder / "keys.json").write_bytes(key_set(jwk(key(), "one")))
    return certificates(folder, ("operator", "URI:spiffe://example.org/ann", 2))


async def called(server: str, credentials: Credentials) -> tuple[str, str]:
    """The caller's name as a call and a stream of the server tell it."""

    def call() -> tuple[str, str]:
        with connect(Target(server, 20.0, credentials)) as stubs:
            said = stubs.models.GetFusionModel(fusion_models_pb2.GetFusionModelRequest(), timeout=20)
            watch = stubs.subjects.WatchChanges(subjects_pb2.WatchChangesRequest(), timeout=20)
            return said.model.fusion_model_id, next(watch).resume_token

    return await asyncio.to_thread(call)


async def test_a_certificate_is_shown(folder: Path) -> None:
    """With the purpose of the call."""
    own = {"tls_certificate": str(folder / "server.pem"), "tls_key": str(folder / "server.key")}
    shown = (str(folder / name) for name in ("authority.pem", "operator.pem", "operator.key"))
    async with named_server(**own, tls_client_authority=str(folder / "authority.pem")) as server:
        names = await called(f"localhost:{server.port}", Credentials(*shown, intent=Intent("watch-list")))
    assert ("spiffe://example.org/ann watch-list", "spiffe://example.org/ann") == names


async def test_a_token_is_sent(folder: Path) -> None:
    """And its refusal is told as something that the user can change."""
    keys = {"token_issuer": ISSUER, "token_audience": AUDIENCE, "token_keys": str(folder / "keys.json")}
    async with named_server(**keys) as server:
        names = await called(server.address, Credentials(token_file=str(folder / "token")))
        with pytest.raises(grpc.RpcError) as caught:
            await called(server.address, Credentials())
    assert (f"{ISSUER}#kiosk-7",) * 2 == names
    failure = failure_of(caught.value)
    assert (PRECONDITION, "TOKEN_MISSING") == (failure.exit_code, failure.reason)


@pytest.mark.parametrize(
    ("server", "credentials", "message"),
    [
        ("db.example.org:50050", {"token_file": "token"}, "not sent to another machine without TLS"),
        ("127.0.0.1:1", {"authority": "authority.pem", "certificate": "operator.pem"}, "needed together"),
        ("127.0.0.1:1", {"certificate": "operator.pem", "key": "operator.key"}, "state --tls-authority"),
        ("127.0.0.1:1", {"authority": "operator.key"}, "contains no certificate of an authority"),
        ("127.0.0.1:1", {"authority": "none.pem"}, "Cannot read the TLS file"),
        ("127.0.0.1:1", {"token_file": "lines"}, "does not contain a token"),
    ],
)
async def test_credentials_that_cannot_be_used_are_told(
    folder: Path, server: str, credentials: dict[str, str], message: str
) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigurationInvalid, match=message):
        await called(server, Credentials(**{name: str(folder / file) for name, file in credentials.items()}))


@click.command()
@server_options
def show(target: Target) -> None:
    """Print what a command gets."""
    click.echo(repr(target))


def test_options_can_be_variables_too() -> None:
    """Each has one, which a server does not take for a misspelt setting; the option goes first."""
    names = ("SERVER", "AUTHORITY", "CERTIFICATE", "KEY", "TOKEN_FILE", "PURPOSE", "CASE", "OFFICER")
    values: dict[str, Any] = {f"BIOFUSION_CLIENT_{name}": name.lower() for name in names}
    assert CLIENT_VARIABLES == set(values)
    Settings.from_environment(values)
    expected = Target(
        "server", 30.0, Credentials("authority", "certificate", "key", "token_file", Intent("p", "case", "officer"))
    )
    assert f"{expected!r}\n" == CliRunner().invoke(show, ["--purpose", "p"], env=values).output
    assert 2 == CliRunner().invoke(show, ["--case", "a b"]).exit_code
