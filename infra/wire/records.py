"""The samples of a message, some of which may be records."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from biometrics.errors import RecordUnsupported
from biometrics.sample import Origin, Sample, SlapImage
from biometrics.template import Modality
from formats.contents import MissingContent, RecordFormat
from infra import records
from infra.records import Opened
from infra.wire.convert import POSITIONS, modality_from_wire, sample_from_wire
from infra.wire.enums import Names
from infra.wire.field_paths import at

FORMATS = Names(RecordFormat, record_pb2.RecordFormat, "RECORD_FORMAT_", "format")
SMALL_BYTES = 64 * 2**10
"""Records up to this size are read on the event loop, in some milliseconds; larger ones in a thread."""


async def opened(messages: Sequence[sample_pb2.Sample], default: Modality | None = None) -> Opened:
    """All samples of a message.

    Args:
        messages: the samples of the message.
        default: the modality of images and templates that state none.

    Raises:
        InvalidInput: one is not valid, or a record cannot be opened (`infra.records.opened`); the error names it.
    """
    samples: list[Sample] = []
    missing: list[MissingContent] = []
    unread: list[str] = []
    for index, message in enumerate(messages):
        with at(f"samples[{index}]"):
            found = await _opened(message, index, default)
        samples += found.samples
        missing += found.missing
        unread += [f"samples[{index}].record: {each}" for each in found.unread]
    return Opened(tuple(samples), tuple(missing), tuple(unread))


async def single(message: sample_pb2.Sample, default: Modality | None = None) -> Sample:
    """The sample of a message that is about one.

    Args:
        message: the sample.
        default: its modality if it states none.

    Raises:
        InvalidInput: it is not valid, a slap, or a record that does not hold exactly one sample of the modality.
    """
    found = (await _opened(message, 0, default)).samples
    with at(message.WhichOneof("source") or ""):
        if len(found) != 1:
            raise RecordUnsupported(
                f"The record holds {len(found)} such samples; one is taken at a time. State modality and position of "
                "the one that is meant. Subjects are verified and identified with the whole record.",
                sample_count=str(len(found)),
            )
        if isinstance(found[0].source, SlapImage):
            raise RecordUnsupported("It shows several fingers; one is taken at a time. ExtractFingers cuts it.")
    return found[0]


async def _opened(message: sample_pb2.Sample, index: int, default: Modality | None) -> Opened:
    if not message.HasField("record"):
        return Opened((replace(sample_from_wire(message, default), origin=Origin(index)),))
    record = message.record
    modality = modality_from_wire(message.modality, default) if message.modality or default else None
    position = None if message.position == modality_pb2.POSITION_UNSPECIFIED else POSITIONS.from_wire(message.position)
    with at("record"):
        stated = FORMATS.from_wire(record.format) if record.format else None
        work = partial(records.opened, record.data, stated, modality, position, index)
        return work() if len(record.data) <= SMALL_BYTES else await asyncio.to_thread(work)
