"""All four services with their real models in one process, once for the whole session."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from tests.support.apart import fusion_of
from tests.support.redis_process import free_port

MAX_MESSAGE = [("grpc.max_send_message_length", 64 * 1024 * 1024)]


@pytest.fixture(scope="session")
def service_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """What the services run with."""
    folder = tmp_path_factory.mktemp("services")
    return Settings(
        store_url=f"sqlite:///{folder / 'store.db'}",
        shadow_file=str(folder / "shadow.jsonl"),
        log_level="WARNING",
        metrics_port=free_port(),
        review_outcomes="REVIEW",
        review_keep_images=True,
    )


@pytest.fixture(scope="session")
def address(service_settings: Settings) -> Iterator[str]:
    """The address of the services."""
    ensure_all()
    ensure_assets()
    with running(service_settings) as address:
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


@pytest.fixture(scope="session", params=["one process", "apart"])
def either_channel(request: pytest.FixtureRequest, address: str, service_settings: Settings) -> Iterator[grpc.Channel]:
    """A channel to a fusion service that calls the matching services directly, and to one that does so over gRPC."""
    if request.param == "one process":
        with grpc.insecure_channel(address, MAX_MESSAGE) as channel:
            yield channel
        return
    with fusion_of(service_settings, address) as apart, grpc.insecure_channel(apart, MAX_MESSAGE) as channel:
        yield channel


@pytest.fixture
def either(either_channel: grpc.Channel) -> FusionStubs:
    """A stub of the fusion service, of one process and apart."""
    return FusionStubs(either_channel)
