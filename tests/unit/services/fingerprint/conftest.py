"""The real extractor and the three finger images."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from biometrics.template import Position
from infra.images.decode import Image, decode
from infra.models.manifest import manifest
from infra.models.supply import ensure
from services.extraction import Extraction
from services.fingerprint.details import FingerprintDetails
from services.fingerprint.extraction.network import MinutiaeNetwork
from services.fingerprint.extraction.ridge_signs import NAME, RidgeSigns
from services.fingerprint.extractor import FingerprintExtractor


@pytest.fixture(scope="session")
def ridge_signs() -> RidgeSigns:
    """The real network that describes ridges; it is put into the cache if needed."""
    ensure([manifest().models[NAME]])
    return RidgeSigns.load()


@pytest.fixture(scope="session")
def extractor(ridge_signs: RidgeSigns) -> FingerprintExtractor:
    """The real extractor; its models are put into the cache if needed."""
    ensure([manifest().models["leader"]])
    return FingerprintExtractor(MinutiaeNetwork.load(), ridge_signs)


@pytest.fixture(scope="session")
def fingers(load_asset: Callable[[str], bytes]) -> list[Image]:
    """Two impressions of one finger and one of another, 400×500 px."""
    return [decode(load_asset(f"finger-{number}")) for number in (1, 2, 3)]


@pytest.fixture(scope="session")
def extractions(extractor: FingerprintExtractor, fingers: list[Image]) -> list[Extraction[FingerprintDetails]]:
    """The extractions of the three images."""
    return [extractor.extract(finger, Position.UNKNOWN) for finger in fingers]
