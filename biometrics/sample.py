"""A captured sample: an encoded image, minutiae in a record of others, or a template extracted from one."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite

from biometrics.errors import FieldInvalid, TemplateMalformed
from biometrics.exact_numbers import exact
from biometrics.slap import Segment, Slap
from biometrics.template import Modality, Position, Template, check_position

MIN_RESOLUTION_DPI = 250.0
MAX_RESOLUTION_DPI = 1000.0


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image file's bytes as the caller sent them.

    Args:
        data: the encoded bytes; never shown in a repr.
        resolution_dpi: horizontal dots per inch as stated by the caller or the record around the image, 250–1000; None
            to use what the file states.
        vertical_dpi: vertical dots per inch, if they differ; None: as horizontal.
        is_of_record: whether the record states the resolution, not the caller.

    Raises:
        FieldInvalid: a resolution is outside that range, or only the vertical one is stated.
    """

    data: bytes = field(repr=False)
    resolution_dpi: float | None = None
    vertical_dpi: float | None = None
    is_of_record: bool = False

    def __post_init__(self) -> None:
        if self.vertical_dpi is not None and self.resolution_dpi is None:
            raise FieldInvalid("vertical_resolution_dpi", "state resolution_dpi too.")
        for name, stated in (("resolution_dpi", self.resolution_dpi), ("vertical_resolution_dpi", self.vertical_dpi)):
            if stated is not None and not (isfinite(stated) and MIN_RESOLUTION_DPI <= stated <= MAX_RESOLUTION_DPI):
                raise FieldInvalid(
                    name,
                    f"{exact(stated)} is outside {exact(MIN_RESOLUTION_DPI)}–{exact(MAX_RESOLUTION_DPI)} dpi. "
                    "Scale the image first.",
                )


@dataclass(frozen=True, slots=True)
class EncodedMinutiae:
    """The minutiae of one finger view, found by another extractor.

    Args:
        data: a record of this one view; never shown in a repr.
        format: its format, a name of `formats.contents.RecordFormat`.
    """

    data: bytes = field(repr=False)
    format: str


@dataclass(frozen=True, slots=True)
class SlapImage:
    """An image of several fingers, which is cut into single ones before they are extracted.

    Args:
        image: the image.
        slap: which fingers it shows.
        segments: where they are, if known.
        missing: fingers of the hand that it does not show.
    """

    image: EncodedImage
    slap: Slap
    segments: tuple[Segment, ...] = ()
    missing: tuple[Position, ...] = ()

    @property
    def data(self) -> bytes:
        """The encoded bytes."""
        return self.image.data


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sample comes from, for reports and errors.

    Args:
        index: the sample of the request, from 0.
        part: the place in its record, e.g. "representation 2"; "" if it was sent as an image or template.
    """

    index: int
    part: str = ""


Source = EncodedImage | EncodedMinutiae | SlapImage | Template
"""What a sample is made of."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One captured sample with its modality and position.

    Args:
        modality: the biometric characteristic.
        position: which instance of it; UNKNOWN is compared with all.
        source: an image, minutiae of others, a slap, or a template extracted from an image.
        template_quality: quality, 0–100, of the image that a template or minutiae were extracted from; None if unknown.
        origin: where it comes from; None: from the caller, as it is.

    Raises:
        PositionInvalid: the modality does not have this position.
        TemplateMalformed: the template is of another modality.
        FieldInvalid: the quality is outside 0–100.
    """

    modality: Modality
    position: Position
    source: Source
    template_quality: float | None = None
    origin: Origin | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "position", check_position(self.modality, self.position))
        if isinstance(self.source, Template) and self.source.modality is not self.modality:
            raise TemplateMalformed(
                f"The sample is {self.modality}, its template {self.source.modality}. State one modality for both.",
                field="template.modality",
            )
        if self.template_quality is not None and not 0 <= self.template_quality <= 100:
            raise FieldInvalid("template_quality", "0 to 100 is allowed.")
