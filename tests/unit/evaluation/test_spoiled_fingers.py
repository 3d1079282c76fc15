"""Spoiled fingerprints are counted by what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality, QualityReason
from biometrics.template import Modality, Position, Template
from evaluation.spoiled_fingers import outcomes, spoilings
from infra.image import Image
from services.extraction import Extraction

GRAY = np.arange(100 * 80, dtype=np.uint32).reshape(100, 80).astype(np.uint8)


class WidthExtractor:
    """Refuses images wider than 100 px; the template is the first pixel, and dark ones count as inverted."""

    modality = Modality.FINGERPRINT
    model_id = "width-1"

    def extract(self, image: Image, position: Position) -> Extraction[None]:
        """Narrow images are upside down."""
        width = image.gray.shape[1]
        if width > 100:
            raise AcquisitionFailed("Too wide.", reason="MULTIPLE_FINGERS")
        reasons = (QualityReason.OFF_POSE,) if width < 80 else ()
        measures = {"inverted": float(image.gray[0, 0] > 128)}
        data = image.gray[0, 0].tobytes()
        return Extraction(Template(self.modality, self.model_id, data), Quality(50.0, reasons, measures), None)


class EqualityComparator:
    """1 for equal templates, else 0."""

    modality = Modality.FINGERPRINT
    comparator_id = "equality-1"
    model_id = "width-1"

    def stack(self, templates: Sequence[Template]) -> np.ndarray:
        """The bytes, shape (n,)."""
        return np.array([each.data[0] for each in templates])

    def compare(self, probes: np.ndarray, references: np.ndarray) -> np.ndarray:
        """All pairs."""
        return (probes[:, None] == references[None, :]).astype(np.float32)


def test_each_spoiling_is_counted_by_its_outcome() -> None:
    """Errors by their reason; what was extracted, whether it matches the image as it is, and what was noticed."""
    found = outcomes([(GRAY, GRAY, None)] * 2, WidthExtractor(), EqualityComparator())
    assert Counter(extracted=2, matches=2) == found["as it is"]
    assert Counter(extracted=2, inverted=2) == found["inverted"]
    assert Counter(extracted=2, matches=2, OFF_POSE=2) == found["half the size"] | Counter(matches=2)
    assert Counter(MULTIPLE_FINGERS=2) == found["two, touching"] == found["twice the size"]


def test_some_spoilings_can_be_chosen() -> None:
    """The image as it is always comes first: the others are compared with it."""
    found = outcomes([(GRAY, GRAY, None)], WidthExtractor(), EqualityComparator(), only=["mirrored"])
    assert ["as it is", "mirrored"] == list(found)


def test_the_spoilings_are_what_they_are_called() -> None:
    """Sizes, gaps and turns, on an image whose pixels differ."""
    spoiled = spoilings(GRAY, GRAY[:90])
    assert (50, 40) == spoiled["half the size"].shape
    assert (100, 160) == spoiled["two, touching"].shape
    assert (100, 208) == spoiled["two, 48 px apart"].shape
    assert GRAY[-1, -1] == spoiled["turned by 180°"][0, 0]
    assert GRAY[0, -1] == spoiled["mirrored"][0, 0]
    assert 0 == np.ptp(spoiled["blank"])
    assert 40 * 100 >= np.count_nonzero(spoiled["smeared band of 40 px"] != GRAY) > 30 * 100
