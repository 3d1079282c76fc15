"""A small set of grey images, and an extractor and comparator that measure brightness."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from biometrics.errors import AcquisitionFailed
from biometrics.quality import Quality
from biometrics.template import Modality, Position, Template
from infra.images.decode import Image
from services.extraction import Extraction


class BrightnessExtractor:
    """The template is the mean grey value and the resolution as text; black images are not usable."""

    modality = Modality.FINGERPRINT
    model_id = "brightness-1"

    def __init__(self, fail_after: int = 10**9) -> None:
        self.calls: list[float] = []
        self.resolutions: list[float | None] = []
        self.fail_after = fail_after

    def extract(self, image: Image, position: Position) -> Extraction[None]:
        """Raises KeyboardInterrupt once `fail_after` images were extracted, as Ctrl-C would."""
        if len(self.calls) >= self.fail_after:
            raise KeyboardInterrupt
        mean = float(image.gray.mean())
        self.calls.append(mean)
        self.resolutions.append(image.resolution_dpi)
        if mean == 0.0:
            raise AcquisitionFailed("Nothing is there.", reason="TOO_DARK")
        return Extraction(Template(self.modality, self.model_id, str(mean).encode()), Quality(50.0), None)


class BrightnessComparator:
    """Minus the difference of brightness."""

    modality = Modality.FINGERPRINT
    comparator_id = "difference-1"
    model_id = "brightness-1"

    def stack(self, templates: Sequence[Template]) -> np.ndarray:
        """The brightnesses, shape (n,)."""
        for template in templates:
            template.require(self.modality, self.model_id)
        return np.array([float(template.data) for template in templates], np.float32)

    def compare(self, probes: np.ndarray, references: np.ndarray) -> np.ndarray:
        """Scores of all pairs."""
        return -np.abs(probes[:, None] - references[None, :])


@pytest.fixture
def extractor() -> BrightnessExtractor:
    """A new extractor for each test."""
    return BrightnessExtractor()


@pytest.fixture
def comparator() -> BrightnessComparator:
    """The comparator of the extractor's templates."""
    return BrightnessComparator()


@pytest.fixture
def images_csv(tmp_path: Path) -> Path:
    """Six fingers with three images each: finger n has brightness 30n, 30n + 1 and 30n + 2; one is black."""
    lines = ["path,subject,position"]
    for finger in range(6):
        for sample in range(3):
            name = f"{finger}_{sample}.png"
            Pillow.new("L", (40, 40), 30 * finger + sample).save(tmp_path / name)
            lines.append(f"{name},s{finger},UNKNOWN")
    path = tmp_path / "images.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
