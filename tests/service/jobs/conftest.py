"""A server of its own for jobs, with a folder that they may read and write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from cli.local.all_in_one import running
from cli.stubs import FusionStubs
from infra.models.supply import ensure_all, ensure_assets
from infra.settings import Settings


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of jobs."""
    folder = tmp_path_factory.mktemp("jobs")
    (folder / "files").mkdir()
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    """A server of its own."""
    ensure_all()
    ensure_assets()
    settings = Settings(
        store_url=f"sqlite:///{place / 'store.db'}", log_level="WARNING", job_folders=str(place / "files")
    )
    with running(settings) as address:
        yield address


@pytest.fixture
def fusion(address: str) -> Iterator[FusionStubs]:
    """Stubs of it."""
    with grpc.insecure_channel(address) as channel:
        yield FusionStubs(channel)


@pytest.fixture
def files(place: Path) -> Path:
    """The folder that jobs may read and write."""
    return place / "files"
