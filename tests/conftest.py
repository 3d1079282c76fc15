"""What many tests need: models, demo assets and, where it is present, the evaluation data."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from infra.images.decode import Image, decode
from infra.models.manifest import manifest
from infra.models.model_cache import asset
from infra.models.supply import ensure, ensure_assets
from services.face.extractor import FaceExtractor

os.environ["no_grpc_proxy"] = "localhost,127.0.0.1,::1"  # noqa: SIM112  # as gRPC reads it
"""The tests' own channels go straight to the servers of the tests, whatever proxy fetches packages here."""
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of research data beside the repository; the test is skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared/data is not there")
    return SHARED_DATA


@pytest.fixture(scope="session")
def load_asset() -> Callable[[str], bytes]:
    """The bytes of a demo asset, fetched into the cache if need be."""
    ensure_assets()
    return asset


@pytest.fixture(scope="session")
def hopper(load_asset: Callable[[str], bytes]) -> Image:
    """A portrait, 512×600 px."""
    return decode(load_asset("portrait-hopper"))


@pytest.fixture(scope="session")
def astronaut(load_asset: Callable[[str], bytes]) -> Image:
    """A portrait, 512×512 px."""
    return decode(load_asset("portrait-astronaut"))


@pytest.fixture(scope="session")
def face_extractor() -> FaceExtractor:
    """The real extractor, its models fetched into the cache if need be."""
    ensure([manifest().models["yunet"], manifest().models["sface"]])
    return FaceExtractor.load()
