"""Which format bytes are of, by their signature."""

from __future__ import annotations

import re

from biometrics.errors import RecordUnsupported
from formats.contents import RecordFormat
from formats.minutiae.cards.wrapped import card_format_of
from formats.minutiae.reading.versions import version_of
from formats.tagged import wrappers

_IMAGES = {
    b"FIR\x00010\x00": RecordFormat.ISO_19794_4_2005,
    b"FIR\x00020\x00": RecordFormat.ISO_19794_4_2011,
    b"FAC\x00010\x00": RecordFormat.ISO_19794_5_2005,
    b"FAC\x00030\x00": RecordFormat.ISO_19794_5_2011,
    b"IIR\x00010\x00": RecordFormat.ISO_19794_6_2005,
    b"IIR\x00020\x00": RecordFormat.ISO_19794_6_2011,
}
_KINDS = (b"FMR\x00", b"FIR\x00", b"FAC\x00", b"IIR\x00")
_XML = re.compile(rb"(\xef\xbb\xbf)?\s{0,1000}<|\xff\xfe<\x00|\xfe\xff\x00<")
_NIST = re.compile(rb"1\.0{0,3}1:\d")


def detect(data: bytes) -> RecordFormat | None:
    """Return the format of a record; None if the bytes have no signature.

    Minutiae for cards have none, unless they come with biometric information templates.

    Raises:
        RecordUnsupported: a record of ISO/IEC 19794 in a version that is not read.
        RecordMalformed: tags (ISO/IEC 7816-11, of a passport) whose lengths do not fit.
    """
    if data[:4] in _KINDS:
        return _record(data)
    if _XML.match(data):
        return RecordFormat.CBEFF_XML
    if _NIST.match(data):
        return RecordFormat.ANSI_NIST
    if card := card_format_of(data):
        return card
    blocks = wrappers.blocks(data)
    if not blocks:
        return None
    return RecordFormat.ISO_39794_5 if blocks[0][:1] == wrappers.FACE_39794 else _record(bytes(blocks[0]))


def _record(data: bytes) -> RecordFormat:
    found = version_of(data).format if data[:4] == b"FMR\x00" else _IMAGES.get(data[:8])
    if found is None:
        version = data[4:7].decode("ascii", "replace").strip()
        name = data[:3].decode("ascii", "replace")
        shown = version if version.isalnum() and version.isascii() else "?"
        raise RecordUnsupported(
            f"The record is of kind {name} in version {shown}, which is not read. Read are "
            "ISO/IEC 19794-2, -4, -5 and -6 of 2005 and 2011, and ANSI 378 of 2004 and 2009."
        )
    return found
