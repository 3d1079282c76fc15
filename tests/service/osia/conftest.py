"""The adapter in front of the real services, and callers of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from adapters.osia.app import build
from infra.settings import Settings
from tests.support.adapters.osia_file import check
from tests.support.adapters.running import running_adapter

KEY = b"k" * 32


@pytest.fixture(scope="package")
def osia_settings(address: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Of an adapter without tokens."""
    folder = tmp_path_factory.mktemp("osia")
    (folder / "key").write_bytes(KEY)
    return Settings(
        adapter_port=0,
        adapter_fusion_target=address,
        osia_database=str(folder / "osia.db"),
        osia_key_file=str(folder / "key"),
        drain_s=1.0,
    )


@pytest.fixture(scope="package")
def osia_address(osia_settings: Settings) -> Iterator[str]:
    """Its address."""
    with running_adapter(osia_settings, build) as address:
        yield address


@pytest.fixture
def checked() -> Callable[[httpx.Response], None]:
    """Checks each answer against the interface's file."""
    return check


@pytest.fixture
def osia(osia_address: str, checked: Callable[[httpx.Response], None]) -> Iterator[httpx.Client]:
    """A caller; every answer that it gets must be one that the interface's file allows."""

    def whole(answer: httpx.Response) -> None:
        answer.read()
        checked(answer)

    with httpx.Client(
        base_url=osia_address,
        params={"transactionId": "t"},
        trust_env=False,
        timeout=60,
        event_hooks={"response": [whole]},
    ) as client:
        yield client
