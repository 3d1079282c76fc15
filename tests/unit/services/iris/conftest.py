"""Rendered eyes and the real extractor's results for them."""

from __future__ import annotations

import pytest

from biometrics.template import Position
from infra.images.decode import Image
from infra.models.hardening import iris_phase, iris_segmentation, iris_segmentation_wide
from infra.models.onnx_model import OnnxModel
from rendering.eyes import render_eye
from services.extraction import Extraction
from services.iris.details import IrisDetails
from services.iris.extractor import IrisExtractor
from services.iris.segmentation.network import Segmenter

IDENTITIES, CAPTURES = range(4), range(2)


@pytest.fixture(scope="session")
def segmenter() -> Segmenter:
    """The shipped network."""
    return Segmenter(OnnxModel.from_bytes(iris_segmentation.build()))


@pytest.fixture(scope="session")
def other_segmenter() -> Segmenter:
    """The shipped network for eyes in doubt."""
    return Segmenter(OnnxModel.from_bytes(iris_segmentation_wide.build()))


@pytest.fixture(scope="session")
def extractor(segmenter: Segmenter, other_segmenter: Segmenter) -> IrisExtractor:
    """The extractor with the shipped networks and an encoder built in this process."""
    return IrisExtractor(segmenter, other_segmenter, OnnxModel.from_bytes(iris_phase.build()))


@pytest.fixture(scope="session")
def extractions(extractor: IrisExtractor) -> dict[tuple[int, int], Extraction[IrisDetails]]:
    """Four identities, two captures of each, by (identity, capture)."""
    return {
        (identity, capture): extractor.extract(Image(render_eye(identity, capture)), Position.LEFT_EYE)
        for identity in IDENTITIES
        for capture in CAPTURES
    }
