"""Images without a finger, and how many are read."""

from __future__ import annotations

import numpy as np

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality, QualityReason
from biometrics.template import Modality, Template
from infra.images.decode import Image
from services.extraction import Extraction
from studies.capture.ground_alone import EACH, SHAPE, noises, surfaces, told


class _Reader:
    """Reads every second image, every fourth with the ground taken off."""

    count = 0

    def __call__(self, image: Image) -> Extraction[None]:
        self.count += 1
        if self.count % 2:
            raise AcquisitionFailed("nothing", reason="TOO_FEW_MINUTIAE")
        reasons = (QualityReason.OCCLUDED,) if self.count % 4 == 0 else ()
        return Extraction(Template(Modality.FINGERPRINT, "any", b"1"), Quality(50.0, reasons, {}), None)


def test_equal_seeds_give_equal_images_without_a_finger() -> None:
    """20 of each noise, of full contrast; surfaces of four kinds."""
    made, again = (list(noises(np.random.default_rng(1))) for _ in range(2))
    assert 2 * EACH == len(made)
    assert all(np.array_equal(one.gray, other.gray) for one, other in zip(made, again, strict=True))
    first = next(surfaces(np.random.default_rng(1)))
    assert (SHAPE, 500.0) == (first.gray.shape, first.resolution_dpi)


def test_what_is_read_is_counted() -> None:
    """By all, and by those whose ground was taken off."""
    line = told("blank", [Image(np.zeros((9, 9), np.uint8))] * 8, _Reader())
    assert "blank: 8 images, 4 read, 2 of them with the ground taken off" == line
