"""Records of ISO/IEC 19794 → CBEFF XML, valid against MOSIP's schema."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

from biometrics.errors import RecordUnsupported
from biometrics.template import Modality, Position
from formats.blocks import MINUTIAE
from formats.cbeff.information import NAMESPACE, TYPES, subtype
from formats.cbeff.read import modality_of
from formats.contents import RecordFormat
from formats.detect import detect

_VERSION = "<Version><Major>1</Major><Minor>1</Minor></Version>"
_CBEFF_VERSION = "<CBEFFVersion><Major>1</Major><Minor>1</Minor></CBEFFVersion>"
_INFORMATION = "<BIRInfo><Integrity>false</Integrity></BIRInfo>"
_ORGANIZATION = "257"
"""ISO/IEC JTC 1/SC 37 in IBIA's register."""
_FORMAT_TYPES = {Modality.FINGERPRINT: "7", Modality.FACE: "8", Modality.IRIS: "9"}
_MINUTIAE_TYPE = "2"


@dataclass(frozen=True, slots=True)
class DataBlock:
    """One record that goes into the document.

    Args:
        data: ISO/IEC 19794-2, -4, -5 or -6, or 39794-5.
        position: of its sample; UNKNOWN writes no subtype.
        quality: 0–100, if it is to be stated.
    """

    data: bytes = field(repr=False)
    position: Position
    quality: float | None = None


def write(
    data_blocks: Sequence[DataBlock], missing: Sequence[tuple[Modality, Position]] = (), created: datetime | None = None
) -> bytes:
    """Return a CBEFF document in UTF-8; equal arguments give equal bytes.

    Args:
        data_blocks: in the order of the document.
        missing: positions without a sample, written as exceptions.
        created: time that all data blocks state; none is stated without it. It must have a time zone.

    Raises:
        RecordUnsupported: a data block is no record of ISO/IEC 19794 or 39794.
    """
    birs = [_block(block, created) for block in data_blocks]
    birs += [_exception(modality, position) for modality, position in missing]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<BIR xmlns=' + quoteattr(NAMESPACE) + ">"
    return "".join([head, _VERSION, _CBEFF_VERSION, _INFORMATION, *birs, "</BIR>\n"]).encode()


def _block(block: DataBlock, created: datetime | None) -> str:
    found = detect(block.data)
    if found is None or found in {RecordFormat.CBEFF_XML, RecordFormat.ANSI_NIST}:
        raise RecordUnsupported("A data block to write is no record of ISO/IEC 19794 or 39794.")
    modality, minutiae = modality_of(found), found in MINUTIAE
    kind = _MINUTIAE_TYPE if minutiae else _FORMAT_TYPES[modality]
    parts = [
        f"<Format><Organization>{_ORGANIZATION}</Organization><Type>{kind}</Type></Format>",
        _created(created),
        _kind(modality, block.position),
        f"<Level>{'Processed' if minutiae else 'Raw'}</Level><Purpose>Enroll</Purpose>",
        _quality(block.quality),
    ]
    encoded = base64.b64encode(block.data).decode("ascii")
    return f"<BIR>{_VERSION}{_CBEFF_VERSION}{_INFORMATION}<BDBInfo>{''.join(parts)}</BDBInfo><BDB>{encoded}</BDB></BIR>"


def _exception(modality: Modality, position: Position) -> str:
    return (
        f"<BIR>{_VERSION}{_CBEFF_VERSION}{_INFORMATION}<BDBInfo>{_kind(modality, position)}</BDBInfo>"
        '<others><entry key="EXCEPTION">true</entry></others></BIR>'
    )


def _kind(modality: Modality, position: Position) -> str:
    word = next(word for word, known in TYPES.items() if known is modality)
    words = subtype(position)
    return f"<Type>{word}</Type>" + (f"<Subtype>{words}</Subtype>" if words else "")


def _created(created: datetime | None) -> str:
    if created is None:
        return ""
    return f"<CreationDate>{created.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%SZ')}</CreationDate>"


def _quality(quality: float | None) -> str:
    if quality is None:
        return ""
    algorithm = f"<Algorithm><Organization>{_ORGANIZATION}</Organization><Type>0</Type></Algorithm>"
    return f"<Quality>{algorithm}<Score>{round(quality)}</Score></Quality>"
