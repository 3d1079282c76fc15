"""Converts the types that all services share between wire (`biofusion.type.v1`) and domain, both ways."""

from __future__ import annotations

from functools import partial
from typing import TypeVar, cast

from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import comparison_pb2, modality_pb2, record_pb2, sample_pb2
from google.protobuf.message import Message

from biometrics.comparison import Candidate, Comparison
from biometrics.errors import FieldInvalid, TemplateMalformed
from biometrics.quality import Quality, QualityReason
from biometrics.sample import EncodedImage, EncodedMinutiae, Sample, SlapImage, Source
from biometrics.slap import Slap
from biometrics.template import MAX_OTHERS, MissingReason, Modality, Position, Template
from infra.wire.enums import Names
from infra.wire.field_paths import at, each_located

Value = TypeVar("Value")

MODALITIES = Names(Modality, modality_pb2.Modality, "MODALITY_", "modality")
POSITIONS = Names(Position, modality_pb2.Position, "POSITION_", "position")
MISSING_REASONS = Names(MissingReason, modality_pb2.MissingReason, "MISSING_REASON_", "reason")
SLAPS = Names(Slap, record_pb2.Slap, "SLAP_", "slap")
QUALITY_REASONS = Names(QualityReason, sample_pb2.QualityReason, "QUALITY_REASON_")


def modality_from_wire(value: modality_pb2.Modality.ValueType, default: Modality | None = None) -> Modality:
    """Modality; the default, if given, when it is not stated.

    Raises:
        FieldInvalid: not stated and no default, or a value unknown to this version.
    """
    return default if default and value == modality_pb2.MODALITY_UNSPECIFIED else MODALITIES.from_wire(value)


def modality_to_wire(value: Modality) -> modality_pb2.Modality.ValueType:
    """Modality."""
    return cast("modality_pb2.Modality.ValueType", MODALITIES.to_wire(value))


def position_from_wire(value: modality_pb2.Position.ValueType) -> Position:
    """Position; UNKNOWN when it is not stated.

    Raises:
        FieldInvalid: a value unknown to this version.
    """
    return Position.UNKNOWN if value == modality_pb2.POSITION_UNSPECIFIED else POSITIONS.from_wire(value)


def known_position(value: modality_pb2.Position.ValueType) -> Position:
    """A position stated by another service; UNKNOWN if this version does not know it."""
    return POSITIONS.known(value) or Position.UNKNOWN


def position_to_wire(value: Position) -> modality_pb2.Position.ValueType:
    """Position."""
    return cast("modality_pb2.Position.ValueType", POSITIONS.to_wire(value))


def missing_reason_from_wire(value: modality_pb2.MissingReason.ValueType) -> MissingReason:
    """Why a sample is missing.

    Raises:
        FieldInvalid: not stated, or unknown to this version.
    """
    return MISSING_REASONS.from_wire(value)


def missing_reason_to_wire(value: MissingReason) -> modality_pb2.MissingReason.ValueType:
    """Why a sample is missing."""
    return cast("modality_pb2.MissingReason.ValueType", MISSING_REASONS.to_wire(value))


def stated(message: Message, field: str, value: Value) -> Value | None:
    """The value of an optional field; None if the caller did not set it. A stated 0 is a value."""
    return value if message.HasField(field) else None


def image_from_wire(image: sample_pb2.Image) -> EncodedImage:
    """An encoded image.

    Raises:
        FieldInvalid: a resolution out of range.
    """
    return EncodedImage(
        image.data,
        stated(image, "resolution_dpi", image.resolution_dpi),
        stated(image, "vertical_resolution_dpi", image.vertical_resolution_dpi),
        image.resolution_is_of_record,
    )


def template_from_wire(template: sample_pb2.Template, default: Modality | None = None) -> Template:
    """A template with those of other models, of the default modality if it states none."""
    modality = modality_from_wire(template.modality, default)
    sent = template.others
    others = tuple(each_located(partial(_alone_from_wire, modality), sent[: MAX_OTHERS + 1], "others")) if sent else ()
    return Template(modality, template.model_id, template.data, others)


def _alone_from_wire(default: Modality, template: sample_pb2.Template) -> Template:
    """A template that may not bring others, of the default modality if it states none."""
    if template.others:
        raise TemplateMalformed("It has others of its own. Send the template as ExtractTemplate returned it.")
    return Template(modality_from_wire(template.modality, default), template.model_id, template.data)


def template_to_wire(template: Template) -> sample_pb2.Template:
    """A template with those of other models."""
    return sample_pb2.Template(
        modality=modality_to_wire(template.modality),
        model_id=template.model_id,
        data=template.data,
        others=map(template_to_wire, template.others),
    )


def sample_from_wire(sample: sample_pb2.Sample, default: Modality | None = None) -> Sample:
    """A sample with its image or template; one with a record is opened by `records.py`.

    Raises:
        FieldInvalid: neither image nor template, or no modality where there is no default.
    """
    modality = modality_from_wire(sample.modality, default)
    source: Source
    match sample.WhichOneof("source"):
        case "image":
            with at("image"):
                source = image_from_wire(sample.image)
        case "template":
            with at("template"):
                source = template_from_wire(sample.template, modality)
        case _:
            raise FieldInvalid("", "send an image, a template or a record.")
    if sample.slap:
        source = _slap(sample, source, modality)
    quality = stated(sample, "template_quality", sample.template_quality)
    return Sample(modality, position_from_wire(sample.position), source, quality)


def _slap(sample: sample_pb2.Sample, source: Source, modality: Modality) -> SlapImage:
    is_of_fingers = modality is Modality.FINGERPRINT and sample.position == modality_pb2.POSITION_UNSPECIFIED
    if not isinstance(source, EncodedImage) or not is_of_fingers:
        raise FieldInvalid("slap", "it is for an image of MODALITY_FINGERPRINT without a position.")
    return SlapImage(source, SLAPS.from_wire(sample.slap))


def sample_to_wire(sample: Sample) -> sample_pb2.Sample:
    """A sample."""
    message = sample_pb2.Sample(modality=modality_to_wire(sample.modality), position=position_to_wire(sample.position))
    match sample.source:
        case Template():
            message.template.CopyFrom(template_to_wire(sample.source))
        case EncodedMinutiae():
            message.record.CopyFrom(minutiae_to_wire(sample.source))
        case EncodedImage():
            message.image.CopyFrom(image_to_wire(sample.source))
        case SlapImage():
            raise FieldInvalid("", "cut the slap into fingers first.")
    if sample.template_quality is not None:
        message.template_quality = sample.template_quality
    return message


def image_to_wire(image: EncodedImage) -> sample_pb2.Image:
    """An encoded image."""
    return sample_pb2.Image(
        data=image.data,
        resolution_dpi=image.resolution_dpi,
        vertical_resolution_dpi=image.vertical_dpi,
        resolution_is_of_record=image.is_of_record,
    )


def minutiae_to_wire(minutiae: EncodedMinutiae) -> record_pb2.Record:
    """A record of one finger view."""
    return record_pb2.Record(
        data=minutiae.data, format=record_pb2.RecordFormat.Value(f"RECORD_FORMAT_{minutiae.format}")
    )


def quality_to_wire(quality: Quality) -> sample_pb2.Quality:
    """A quality with its reasons."""
    reasons = map(quality_reason_to_wire, quality.reasons)
    return sample_pb2.Quality(value=quality.value, reasons=reasons, measures=dict(quality.measures))


def quality_reason_to_wire(reason: QualityReason) -> sample_pb2.QualityReason.ValueType:
    """A reason that lowers a quality."""
    return cast("sample_pb2.QualityReason.ValueType", QUALITY_REASONS.to_wire(reason))


def quality_from_wire(quality: sample_pb2.Quality) -> Quality:
    """A quality with the reasons that this version knows."""
    reasons = tuple(reason for reason in map(QUALITY_REASONS.known, quality.reasons) if reason)
    return Quality(quality.value, reasons, dict(quality.measures))


def comparison_to_wire(comparison: Comparison) -> comparison_pb2.Comparison:
    """A comparison."""
    return comparison_pb2.Comparison(
        score=comparison.score,
        llr=comparison.llr,
        fmr=comparison.fmr,
        comparator_id=comparison.comparator_id,
    )


def candidate_to_wire(candidate: Candidate) -> matching_pb2.Candidate:
    """A candidate."""
    return matching_pb2.Candidate(
        subject_id=candidate.subject_id,
        comparison=comparison_to_wire(candidate.comparison),
        reference_position=position_to_wire(candidate.reference_position),
        comparison_count=candidate.comparison_count,
        reference_model_id=candidate.reference_model_id,
    )
