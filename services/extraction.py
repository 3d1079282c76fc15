"""The extractor port: one image → one template, quality and details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import cv2

from biometrics.quality import Quality
from biometrics.template import Modality, Position, Template
from infra.images.decode import Image

cv2.setNumThreads(1)  # workers share the cores already; OpenCV's own threads would contend for them

Details = TypeVar("Details", covariant=True)


@dataclass(frozen=True, slots=True)
class Extraction(Generic[Details]):
    """The result of an extraction.

    Args:
        template: the packed features.
        quality: of the sample, 0–100 with reasons.
        details: findings to show to a person: box and landmarks, minutiae, circles.
    """

    template: Template
    quality: Quality
    details: Details


class Extractor(Protocol[Details]):
    """Extracts the template of one modality. Thread-safe; CPU-bound, so run it off the event loop."""

    @property
    def modality(self) -> Modality:
        """The modality extracted."""

    @property
    def model_id(self) -> str:
        """Name and version written into every template."""

    def extract(self, image: Image, position: Position) -> Extraction[Details]:
        """Extract the template of the image's biometric characteristic.

        Raises:
            AcquisitionFailed: none, or no usable one, was found; the reason names which.
            ImageTooSmall: too few pixels for this modality.
        """
