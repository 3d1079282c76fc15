"""Records of a CBEFF document as samples, without those that cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import modality_pb2, record_pb2, sample_pb2

from adapters.mosip_abis.cbeff import Contents, Part, contents_of
from adapters.mosip_abis.failures import Failure, Refused
from adapters.wire.fusion import Fusion
from biometrics.template import Modality, Position
from infra.calling.calls import CallFailed
from infra.wire.convert import MODALITIES, POSITIONS

NOT_READ = "INVALID_ARGUMENT"
"""Status of a call with a record that cannot be read."""
_CAUSE = "RECORDS_NOT_READ"


@dataclass(frozen=True, slots=True)
class Sent:
    """What is sent to fusion.

    Args:
        parts: of which each is a sample.
        missing: positions without one.
    """

    parts: tuple[Part, ...]
    missing: tuple[sample_pb2.MissingPosition, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """Of a request."""
        form = record_pb2.RECORD_FORMAT_CBEFF_XML
        records = (record_pb2.Record(data=each.document, format=form) for each in self.parts)
        return {"samples": [sample_pb2.Sample(record=each) for each in records], "missing": self.missing}


async def sent_of(document: bytes) -> Sent:
    """All of a document. Raises Refused: it is no CBEFF document, or has no data."""
    contents: Contents = await asyncio.to_thread(contents_of, document)
    return Sent(contents.parts, _missing(contents.missing, modality_pb2.MISSING_REASON_NOT_CAPTURED))


async def readable(sent: Sent, fusion: Fusion) -> Sent:
    """What of it can be read; the places of the rest are missing.

    Raises:
        Refused: nothing can be read.
        CallFailed: fusion does not answer.
    """
    answers = [await _can_be_read(each, fusion) for each in sent.parts]
    kept = tuple(part for part, is_read in zip(sent.parts, answers, strict=True) if is_read)
    if not kept:
        raise Refused(Failure.NOT_CBEFF, _CAUSE)
    if len(kept) == len(sent.parts):
        raise Refused(Failure.NOT_CBEFF, "RECORDS_CONTRADICT")
    there = {each.place for each in kept} | {(each.modality, each.position) for each in sent.missing}
    lost = (each.place for each, is_read in zip(sent.parts, answers, strict=True) if not is_read)
    places = [place for place in dict.fromkeys(lost) if place and place not in there]
    return Sent(kept, (*sent.missing, *_missing(places, modality_pb2.MISSING_REASON_LOW_QUALITY)))


async def _can_be_read(part: Part, fusion: Fusion) -> bool:
    request = subjects_pb2.CheckQualityRequest(samples=Sent((part,), ()).fields["samples"])
    try:
        await fusion.ask(fusion.stubs.subjects.CheckQuality, request)
    except CallFailed as error:
        if error.status != NOT_READ:
            raise
        return False
    return True


def _missing(
    places: Sequence[tuple[Modality, Position]], reason: modality_pb2.MissingReason.ValueType
) -> tuple[sample_pb2.MissingPosition, ...]:
    return tuple(
        sample_pb2.MissingPosition(
            modality=MODALITIES.to_wire(modality), position=POSITIONS.to_wire(position), reason=reason
        )
        for modality, position in places
    )
