"""Bytes of a record in any format that is read → its contents."""

from __future__ import annotations

from dataclasses import replace

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import MissingReason, Modality, Position
from formats.blocks import CARDS, read_block
from formats.cbeff.read import read as read_cbeff
from formats.contents import Contents, ImageContent, MinutiaeContent, RecordFormat
from formats.detect import detect
from formats.limits import check_bytes, check_samples
from formats.nist.read import read as read_nist


def read(data: bytes, stated: RecordFormat | None = None) -> Contents:
    """Read a record.

    Args:
        data: all of its bytes.
        stated: its format, if it is known; minutiae for cards are read only when they are stated.

    Raises:
        RecordMalformed: truncated, too large, in another format than stated, or contradicting itself.
        RecordUnsupported: of no format that is read, or holding only what is not read.
        ImageTooLarge: it states an image with more pixels than are read.
    """
    check_bytes(len(data))
    record_format = _agreed(detect(data), stated)
    if record_format is RecordFormat.CBEFF_XML:
        contents = read_cbeff(data)
    elif record_format is RecordFormat.ANSI_NIST:
        contents = read_nist(data)
    else:
        contents = read_block(data, record_format)
    check_samples(len(contents.samples) + len(contents.missing), "The record")
    return _without_contradiction(contents)


def _agreed(found: RecordFormat | None, stated: RecordFormat | None) -> RecordFormat:
    if found is None and stated in CARDS:
        return stated
    if found is None:
        raise RecordUnsupported(
            "The bytes begin as no record that is read: ISO/IEC 19794-2, -4, -5, -6, 39794-5, ANSI 378, CBEFF XML, "
            "ANSI/NIST-ITL. Send a bare image as `image`; state the format of minutiae for cards."
        )
    if stated is not None and stated is not found:
        raise RecordMalformed(f"The record was sent as {stated}, but its bytes are {found}. State that, or nothing.")
    return found


def _without_contradiction(contents: Contents) -> Contents:
    """Return the contents without missing positions of which there is a sample after all (e.g. bandaged in a slap).

    Raises:
        RecordMalformed: an amputated finger has a sample.
    """
    there = {shown for sample in contents.samples for shown in _shown(sample)}
    for gone in contents.missing:
        if (gone.modality, gone.position) in there and gone.reason is MissingReason.AMPUTATED:
            raise RecordMalformed(f"{gone.where} says that {gone.position} is amputated, but there is a sample of it.")
    missing = tuple(gone for gone in contents.missing if (gone.modality, gone.position) not in there)
    return replace(contents, missing=missing)


def _shown(sample: ImageContent | MinutiaeContent) -> list[tuple[Modality, Position]]:
    """Modality and position, and the fingers that are given in a slap."""
    if isinstance(sample, MinutiaeContent):
        return [(Modality.FINGERPRINT, sample.position)]
    positions = [sample.position, *(each.position for each in sample.segments)]
    return [(sample.modality, position) for position in positions]
