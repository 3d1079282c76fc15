"""Who may call the adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from adapters.osia.app import build
from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings
from tests.support.adapters.running import running_adapter
from tests.support.identity.tokens import AUDIENCE, ISSUER, jwk, key, key_set, token


@pytest.fixture(scope="module")
def guarded(osia_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An adapter that asks for tokens."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "keys").write_bytes(key_set(jwk(key(), "one")))
    settings = replace(
        osia_settings,
        osia_database=str(folder / "osia.db"),
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_keys=str(folder / "keys"),
        token_algorithms="ES256",
    )
    with running_adapter(settings, build) as address:
        yield address


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (lambda: None, 403),
        (lambda: "none", 403),
        (lambda: token(scope="abis.encounter.read abis.identify"), 403),
        (lambda: token(scope="openid abis.gallery.read"), 200),
        (lambda: token(scp=["abis.gallery.read"]), 200),
        (lambda: token(scope=7), 403),
        (lambda: token(scope="abis.gallery.read", aud="another"), 403),
        (lambda: token(key("ES256", "other"), scope="abis.gallery.read"), 403),
    ],
)
def test_scopes(guarded: str, shown: Callable[[], str | None], expected: int) -> None:
    """An operation needs its scope, in a token of the issuer for this audience; health needs none."""
    headers = {"Authorization": f"Bearer {given}"} if (given := shown()) else {}
    answer = httpx.get(f"{guarded}/v1/galleries?transactionId=t", headers=headers, trust_env=False)
    assert expected == answer.status_code, answer.text
    assert 200 == httpx.get(f"{guarded}/health", trust_env=False).status_code


def test_a_door_without_tokens_is_for_this_machine(tmp_path: Path) -> None:
    """An adapter that other machines reach needs TLS, and tokens."""
    with (
        pytest.raises(ConfigurationInvalid, match="TLS is off"),
        running_adapter(Settings(adapter_host="0.0.0.0", adapter_port=0), build),
    ):
        pass
