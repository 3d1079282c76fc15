"""Segments → samples: what each holds, checked against what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.mosip_biosdk.codes import Refused, Status, is_of_sample
from adapters.mosip_biosdk.requests import Samples
from adapters.mosip_biosdk.segments import Segment, write
from biometrics.errors import InvalidInput
from biometrics.slap import Slap
from biometrics.template import Modality, Position
from formats.cbeff.information import EXCEPTION_PHOTO, TYPES, Information
from formats.cbeff.read import samples_of
from formats.contents import ImageContent
from infra.calling.calls import CallFailed

TYPE_OF = {Modality.FINGERPRINT: "FINGER", Modality.FACE: "FACE", Modality.IRIS: "IRIS"}
MODALITY_OF = {name: modality for modality, name in TYPE_OF.items()}
TEMPLATE = b"BFT\x01"
"""What the data of our own templates begins with: a `biofusion.type.v1.Template` follows."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a request.

    Args:
        segment: that it came in.
        modality: what it is of.
        position: which instance.
        data: a record of ISO/IEC 19794 or 39794, or the template after its mark.
        is_template: whether it is one of our own templates.
        content: the image in the record, and what the record says of it; None for minutiae and templates.
    """

    segment: Segment
    modality: Modality
    position: Position
    data: bytes = field(repr=False)
    is_template: bool
    content: ImageContent | None = field(repr=False)

    @property
    def image(self) -> bytes | None:
        """The image file; None for minutiae and templates."""
        return self.content.image if self.content else None

    @property
    def slap(self) -> Slap | None:
        """Which fingers, if it shows several."""
        return self.content.slap if self.content else None

    @property
    def type(self) -> str:
        """The modality as MOSIP names it."""
        return TYPE_OF[self.modality]


@contextmanager
def usable(sample: Sample) -> Iterator[None]:
    """Raise Refused, POOR_QUALITY with an empty record, if a call inside fails as the sample cannot be used."""
    try:
        yield
    except CallFailed as error:
        if not is_of_sample(error):
            raise
        raise Refused(Status.POOR_QUALITY, f"{sample.segment.where}: {error.message}", write([])) from None


def wanted(request: Samples, *, with_slaps: bool = False) -> tuple[Sample, ...]:
    """The samples of the modalities that a request means. Exceptions and their photographs are passed over.

    Args:
        request: its segments.
        with_slaps: whether one may show several fingers.

    Raises:
        Refused: NOT_FOUND_IN_CBEFF if there is none; INVALID_INPUT if one cannot be read, is not what it says of
            itself, or does not hold exactly one sample.
    """
    found = of(request.sample, request.modalities, with_slaps=with_slaps)
    if not found:
        raise Refused(Status.NOT_FOUND_IN_CBEFF, f"The sample holds no data of {', '.join(request.modalities)}.")
    return found


def of(segments: tuple[Segment, ...], modalities: tuple[str, ...], *, with_slaps: bool = False) -> tuple[Sample, ...]:
    """The samples of these modalities; there may be none. Raises INVALID_INPUT as `wanted`."""
    held = (each for each in segments if each.data and not each.is_exception and each.type != "EXCEPTION_PHOTO")
    found = (_sample(each, with_slaps=with_slaps) for each in held)
    return tuple(sample for sample in found if sample.type in modalities)


def missing_fingers(segments: tuple[Segment, ...]) -> frozenset[Position]:
    """The fingers that exceptions name. Raises Refused: INVALID_INPUT for words that MOSIP does not have."""
    try:
        named = {_header(each).position(Modality.FINGERPRINT) for each in segments if _is_missing_finger(each)}
    except InvalidInput as error:
        raise Refused(Status.INVALID_INPUT, error.message) from None
    return frozenset(named - {Position.UNKNOWN})


def _is_missing_finger(segment: Segment) -> bool:
    return segment.is_exception and segment.type == TYPE_OF[Modality.FINGERPRINT]


def _sample(segment: Segment, *, with_slaps: bool) -> Sample:
    try:
        if segment.data.startswith(TEMPLATE):
            return _template(segment)
        return _record(segment, with_slaps=with_slaps)
    except InvalidInput as error:
        raise Refused(Status.INVALID_INPUT, f"{segment.where}: {error.message}") from None


def _template(segment: Segment) -> Sample:
    modality = MODALITY_OF.get(segment.type)
    if modality is None:
        raise Refused(Status.INVALID_INPUT, f"{segment.where}.bdbInfo.type does not say what the template is of.")
    position = _header(segment).position(modality)
    return Sample(segment, modality, position, segment.data[len(TEMPLATE) :], is_template=True, content=None)


def _record(segment: Segment, *, with_slaps: bool) -> Sample:
    found = samples_of(_header(segment), segment.data)
    if len(found) != 1:
        raise Refused(Status.INVALID_INPUT, f"{segment.where} holds {len(found)} samples; send one in each segment.")
    content = found[0]
    if not isinstance(content, ImageContent):
        return Sample(segment, Modality.FINGERPRINT, content.position, segment.data, is_template=False, content=None)
    if content.slap and not with_slaps:
        raise Refused(
            Status.INVALID_INPUT, f"{segment.where} shows several fingers; send one in each segment, as `segment` cuts."
        )
    return Sample(segment, content.modality, content.position, segment.data, is_template=False, content=content)


def _header(segment: Segment) -> Information:
    """The header as CBEFF documents in XML have it; the format is known by the data itself."""
    words = {name.upper(): name for name in TYPES} | {"EXCEPTION_PHOTO": EXCEPTION_PHOTO}
    stated = words.get(segment.type, segment.type)
    score = str(segment.score) if segment.score else ""
    return Information(1, types=stated, subtypes=" ".join(segment.subtype), score=score)
