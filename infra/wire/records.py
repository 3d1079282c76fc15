"""Samples of a message that may hold records: a record becomes all samples in it, and the positions it states as missing.

The resolution of an image is that of the record's header, if it states one; else that of the image file; else 500 dpi
is assumed, as for an image that is sent alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from biometrics.errors import FieldInvalid, RecordUnsupported
from biometrics.sample import MAX_RESOLUTION_DPI, MIN_RESOLUTION_DPI, EncodedImage, Origin, Sample, SlapImage, Source
from biometrics.template import Modality, Position, check_position
from formats.contents import Contents, ImageContent, MinutiaeContent, MissingContent, RecordFormat
from formats.read import read
from infra.wire.convert import POSITIONS, modality_from_wire, sample_from_wire
from infra.wire.enums import Names
from infra.wire.field_paths import at

FORMATS = Names(RecordFormat, record_pb2.RecordFormat, "RECORD_FORMAT_", "format")
ROUNDING = 0.01
MAX_RECORD_BYTES = 64 * 2**20
SMALL_BYTES = 64 * 2**10
"""Records up to this size are read on the event loop, in some milliseconds; larger ones in a thread."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the samples of a message stand for.

    Args:
        samples: in order; those of a record in its order.
        missing: positions that records state as missing.
    """

    samples: tuple[Sample, ...]
    missing: tuple[MissingContent, ...] = ()


async def opened(messages: Sequence[sample_pb2.Sample], default: Modality | None = None) -> Opened:
    """All samples of a message.

    Args:
        messages: the samples of the message.
        default: the modality of images and templates that state none.

    Raises:
        InvalidInput: one is not valid, a record is malformed or of a kind that is not read, or holds nothing of the
            stated modality and position; the error names the sample.
    """
    samples: list[Sample] = []
    missing: list[MissingContent] = []
    for index, message in enumerate(messages):
        with at(f"samples[{index}]"):
            found = await _opened(message, index, default)
        samples += found.samples
        missing += found.missing
    return Opened(tuple(samples), tuple(missing))


async def single(message: sample_pb2.Sample, modality: Modality) -> Sample:
    """The one sample of a message to a matching service.

    Raises:
        InvalidInput: it is not valid, or a record that does not hold exactly one sample of the modality.
    """
    found = (await _opened(message, 0, modality)).samples
    own = [each for each in found if each.modality is modality]
    if len(own) != 1:
        raise RecordUnsupported(
            f"The record holds {len(own)} {modality} samples; one is compared at a time. State the position of the one "
            "that is meant, or send the record to the fusion service.",
            sample_count=str(len(own)),
        )
    return own[0]


async def _opened(message: sample_pb2.Sample, index: int, default: Modality | None) -> Opened:
    if not message.HasField("record"):
        return Opened((replace(sample_from_wire(message, default), origin=Origin(index)),))
    if len(message.record.data) <= SMALL_BYTES:
        return _of_record(message, index, default)
    return await asyncio.to_thread(_of_record, message, index, default)


def _of_record(message: sample_pb2.Sample, index: int, default: Modality | None) -> Opened:
    modality = modality_from_wire(message.modality, default) if message.modality or default else None
    position = None if message.position == modality_pb2.POSITION_UNSPECIFIED else POSITIONS.from_wire(message.position)
    with at("record"):
        contents = contents_of(message.record)
    samples = tuple(_samples(contents, modality, position, index))
    missing = tuple(each for each in contents.missing if modality in (None, each.modality) and position is None)
    if not samples and not missing:
        raise RecordUnsupported(
            f"The record holds no {modality or ''} sample {position or ''} that is used. It holds: {_summary(contents)}."
        )
    return Opened(samples, missing)


def contents_of(record: record_pb2.Record) -> Contents:
    """What a record holds.

    Raises:
        FieldInvalid: it has no data, or its format is not known.
        RecordMalformed, RecordUnsupported: it cannot be read.
    """
    if not record.data:
        raise FieldInvalid("data", "the record is empty. Send its bytes.")
    if len(record.data) > MAX_RECORD_BYTES:
        raise FieldInvalid("data", f"at most {MAX_RECORD_BYTES} bytes are allowed.", limit=str(MAX_RECORD_BYTES))
    return read(record.data, FORMATS.from_wire(record.format) if record.format else None)


def _samples(contents: Contents, modality: Modality | None, position: Position | None, index: int) -> Iterator[Sample]:
    """Those of this modality and position; one of unknown position counts as of the position that is stated."""
    gone = tuple(each.position for each in contents.missing)
    for content in contents.samples:
        own = Modality.FINGERPRINT if isinstance(content, MinutiaeContent) else content.modality
        if modality not in (None, own) or not (position is None or position.comparable(content.position)):
            continue
        stated = content.position if position in (None, Position.UNKNOWN) else position
        quality = content.quality if isinstance(content, MinutiaeContent) else None
        source = _source(content, gone)
        yield Sample(own, check_position(own, stated), source, quality, Origin(index, content.where))


def _source(content: ImageContent | MinutiaeContent, gone: tuple[Position, ...]) -> Source:
    if isinstance(content, MinutiaeContent):
        return encoded(content)
    image = EncodedImage(content.image, *_resolution(content), is_of_record=content.resolution_dpi is not None)
    if content.slap is None:
        return image
    return SlapImage(image, content.slap, content.segments, gone)


def _resolution(content: ImageContent) -> tuple[float | None, float | None]:
    """Horizontal and vertical dpi of the record, for a fingerprint; an impossible one is refused by EncodedImage."""
    if content.modality is not Modality.FINGERPRINT or content.resolution_dpi is None:
        return None, None
    horizontal, vertical = map(_within_rounding, content.resolution_dpi)
    return horizontal, None if vertical == horizontal else vertical


def _within_rounding(dpi: float) -> float:
    """The resolution; the nearest allowed one, if whole dots per cm were rounded over it (394 per cm are 1000.76 dpi)."""
    nearest = min(max(dpi, MIN_RESOLUTION_DPI), MAX_RESOLUTION_DPI)
    return nearest if abs(dpi - nearest) <= ROUNDING * nearest else dpi


def _summary(contents: Contents) -> str:
    """What a record holds, in words."""
    kinds = [Modality.FINGERPRINT if isinstance(each, MinutiaeContent) else each.modality for each in contents.samples]
    names = [f"{kind} {each.position}" for kind, each in zip(kinds, contents.samples, strict=True)]
    return ", ".join(dict.fromkeys(names)) or "nothing"
