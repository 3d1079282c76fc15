"""A captured sample: an encoded image of one position, or the template extracted from one."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

from biometrics.errors import FieldInvalid, TemplateMalformed
from biometrics.exact_numbers import exact
from biometrics.template import Modality, Position, Template, check_position

MIN_RESOLUTION_DPI = 250.0
MAX_RESOLUTION_DPI = 1000.0


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image file's bytes as the caller sent them.

    Args:
        data: the encoded bytes; never shown in a repr.
        resolution_dpi: dots per inch as stated by the caller, 250–1000; None to use what the file states.

    Raises:
        FieldInvalid: the resolution is outside that range.
    """

    data: bytes = field(repr=False)
    resolution_dpi: float | None = None

    def __post_init__(self) -> None:
        stated = self.resolution_dpi
        if stated is not None and not (isfinite(stated) and MIN_RESOLUTION_DPI <= stated <= MAX_RESOLUTION_DPI):
            raise FieldInvalid(
                "resolution_dpi",
                f"{exact(stated)} is outside {exact(MIN_RESOLUTION_DPI)}–{exact(MAX_RESOLUTION_DPI)} dpi. "
                "Scale the image first.",
            )


@dataclass(frozen=True, slots=True)
class Sample:
    """One captured sample with its modality and position.

    Args:
        modality: the biometric characteristic.
        position: which instance of it; UNKNOWN is compared with all.
        source: an image, or a template extracted from one.
        template_quality: quality, 0–100, of the image a template was extracted from; None if unknown.

    Raises:
        PositionInvalid: the modality does not have this position.
        TemplateMalformed: the template is of another modality.
        FieldInvalid: the quality is outside 0–100.
    """

    modality: Modality
    position: Position
    source: EncodedImage | Template
    template_quality: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", check_position(self.modality, self.position))
        if isinstance(self.source, Template) and self.source.modality is not self.modality:
            raise TemplateMalformed(f"The sample is {self.modality}, its template {self.source.modality}.")
        if self.template_quality is not None and not 0 <= self.template_quality <= 100:
            raise FieldInvalid("template_quality", "0 to 100 is allowed.")
