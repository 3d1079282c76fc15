"""All four services with their real models in one process, once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings

MAX_MESSAGE = [("grpc.max_send_message_length", 64 * 1024 * 1024)]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the services."""
    ensure_all()
    ensure_assets()
    folder = tmp_path_factory.mktemp("services")
    settings = Settings(
        store_url=f"sqlite:///{folder / 'store.db'}", shadow_file=str(folder / "shadow.jsonl"), log_level="WARNING"
    )
    with running(settings) as address:
        yield address


@pytest.fixture(scope="session")
def channel(address: str) -> Iterator[grpc.Channel]:
    """A channel to the services."""
    with grpc.insecure_channel(address, MAX_MESSAGE) as channel:
        yield channel


@pytest.fixture
def fusion(channel: grpc.Channel) -> FusionStubs:
    """A stub of the fusion service."""
    return FusionStubs(channel)
