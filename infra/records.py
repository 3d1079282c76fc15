"""Opens records of others: the samples in them, and the positions that they state as missing.

The resolution of an image is that of the record's header, if it states one; else that of the image file; else 500 dpi
is assumed, as for an image that is sent alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.sample import (
    MAX_RESOLUTION_DPI,
    MIN_RESOLUTION_DPI,
    EncodedImage,
    EncodedMinutiae,
    Origin,
    Sample,
    SlapImage,
    Source,
)
from biometrics.slap import LEFT_TO_RIGHT
from biometrics.template import Modality, Position, check_position
from formats.contents import Contents, ImageContent, MinutiaeContent, MissingContent, RecordFormat
from formats.minutiae.one_view import one_view
from formats.read import read

ROUNDING = 0.01
MAX_RECORD_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Opened:
    """What a record, or a list of samples that may hold records, stands for.

    Args:
        samples: in order; those of a record in its order.
        missing: positions that records state as missing.
        unread: of each part of a record that shows a body but is not read, where and why.
    """

    samples: tuple[Sample, ...]
    missing: tuple[MissingContent, ...] = ()
    unread: tuple[str, ...] = ()


def opened(
    data: bytes,
    stated: RecordFormat | None = None,
    modality: Modality | None = None,
    position: Position | None = None,
    index: int = 0,
) -> Opened:
    """The samples of a record.

    Args:
        data: the record, at most 64 MiB.
        stated: its format; None: found by its first bytes.
        modality: only samples of this one; None: all.
        position: only samples of this one, or of unknown position, which then count as of this one; None: all.
        index: number of the record among the samples of a request.

    Raises:
        RecordMalformed, RecordUnsupported: it is empty, too large, damaged, of a kind that is not read, or holds
            nothing of the stated modality and position.
        FieldInvalid: it states a resolution outside 250–1000 dpi.
    """
    if not data:
        raise RecordMalformed("The record is empty. Send its bytes.")
    if len(data) > MAX_RECORD_BYTES:
        raise RecordMalformed(f"The record has {len(data)} bytes; at most {MAX_RECORD_BYTES} are read.")
    contents = read(data, stated)
    samples = tuple(_samples(contents, modality, position, index))
    missing = tuple(
        each for each in contents.missing if modality in (None, each.modality) and position in (None, each.position)
    )
    if not samples and not missing:
        wanted = " ".join(filter(None, (modality, position)))
        raise RecordUnsupported(
            f"The record holds no {wanted or 'sample'} that can be used. It holds {_summary(contents)}."
        )
    return Opened(samples, missing, contents.unread)


def _samples(contents: Contents, modality: Modality | None, position: Position | None, index: int) -> Iterator[Sample]:
    """Those of this modality and position; one of unknown position counts as of the position that is stated."""
    gone = tuple(each.position for each in contents.missing)
    for content in contents.samples:
        own = Modality.FINGERPRINT if isinstance(content, MinutiaeContent) else content.modality
        if modality not in (None, own) or not (position is None or _shows(content, position)):
            continue
        stated = content.position if position in (None, Position.UNKNOWN) else position
        quality = content.quality if isinstance(content, MinutiaeContent) else None
        yield Sample(own, check_position(own, stated), _source(content, gone), quality, Origin(index, content.where))


def _shows(content: ImageContent | MinutiaeContent, position: Position) -> bool:
    """Whether it is of this position, or may be; of a slap, one finger."""
    if isinstance(content, MinutiaeContent) or content.slap is None:
        return position.comparable(content.position)
    fingers = [each.position for each in content.segments] or LEFT_TO_RIGHT.get(content.slap, ())
    return any(map(position.comparable, fingers))


def _source(content: ImageContent | MinutiaeContent, gone: tuple[Position, ...]) -> Source:
    if isinstance(content, MinutiaeContent):
        return EncodedMinutiae(*one_view(content))
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
    """The resolution, brought into the allowed range if only rounding took it out: 394 dots per cm are 1000.76 dpi."""
    nearest = min(max(dpi, MIN_RESOLUTION_DPI), MAX_RESOLUTION_DPI)
    return nearest if abs(dpi - nearest) <= ROUNDING * nearest else dpi


def _summary(contents: Contents) -> str:
    """What a record holds, in words."""
    kinds = [Modality.FINGERPRINT if isinstance(each, MinutiaeContent) else each.modality for each in contents.samples]
    names = [f"{kind} {each.position}" for kind, each in zip(kinds, contents.samples, strict=True)]
    return ", ".join(dict.fromkeys(names)) or "nothing"
