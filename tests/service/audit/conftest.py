"""A server of its own that keeps an audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from audit.keyed_hashes import add_key
from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings
from tests.support.audit.chains import Keys


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the server."""
    return tmp_path_factory.mktemp("audited")


@pytest.fixture(scope="session")
def settings(place: Path) -> Settings:
    """What the server runs with."""
    Keys.make(place)
    add_key(place / "hash.keys")
    (place / "files").mkdir()
    return Settings(
        store_url=f"sqlite:///{place / 'store.db'}",
        log_level="WARNING",
        job_folders=str(place / "files"),
        audit_folder=str(place / "log"),
        audit_instance="one",
        audit_key_file=str(place / "hash.keys"),
        audit_signing_key_file=str(place / "signing.pem"),
    )


@pytest.fixture(scope="session")
def address(settings: Settings) -> Iterator[str]:
    """A server of its own."""
    ensure_all()
    ensure_assets()
    with running(settings) as address:
        yield address


@pytest.fixture
def fusion(address: str) -> Iterator[FusionStubs]:
    """Stubs of it."""
    with grpc.insecure_channel(address) as channel:
        yield FusionStubs(channel)
