"""Which format bytes are of, by their signature."""

from __future__ import annotations

import re

from biometrics.errors import RecordUnsupported
from formats.contents import RecordFormat
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
_ISO_2005_HEADER, _ANSI_2004_HEADER, _ISO_2011_HEADER = 24, 26, 15


def detect(data: bytes) -> RecordFormat | None:
    """Return the format of a record; None if the bytes have no signature, as minutiae for cards have none.

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
    blocks = wrappers.blocks(data)
    if not blocks:
        return None
    return RecordFormat.ISO_39794_5 if blocks[0][:1] == wrappers.FACE_39794 else _record(bytes(blocks[0]))


def _record(data: bytes) -> RecordFormat | None:
    found = _minutiae(data) if data[:4] == b"FMR\x00" else _IMAGES.get(data[:8])
    if found is None:
        version = data[4:7].decode("ascii", "replace").strip()
        name = data[:3].decode("ascii", "replace")
        shown = version if version.isalnum() and version.isascii() else "?"
        raise RecordUnsupported(
            f"The record is of kind {name} in version {shown}, which is not read. Read are "
            "ISO/IEC 19794-2, -4, -5 and -6 of 2005 and 2011, and ANSI 378 of 2004 and 2009."
        )
    return found


def _minutiae(data: bytes) -> RecordFormat | None:
    """Tell ISO/IEC 19794-2 from ANSI 378, which share their signature, by where the length of the record stands."""
    version = data[4:8]
    if version in (b" 20\x00", b"020\x00"):
        short, long = int.from_bytes(data[8:10], "big"), int.from_bytes(data[8:12], "big")
        iso = short == 0 and long >= _ISO_2005_HEADER
        return RecordFormat.ISO_19794_2_2005 if iso else RecordFormat.ANSI_378_2004
    if version == b"035\x00":
        return RecordFormat.ANSI_378_2009
    if version == b"030\x00":
        return RecordFormat.ISO_19794_2_2011 if _is_iso_2011(data) else RecordFormat.ANSI_378_2009
    return None


def _is_iso_2011(data: bytes) -> bool:
    """Whether a header of 15 bytes and the stated lengths of all representations make up the stated length."""
    total = int.from_bytes(data[8:12], "big")
    at = _ISO_2011_HEADER
    for _ in range(int.from_bytes(data[12:14], "big")):
        length = int.from_bytes(data[at : at + 4], "big")
        if length < 4 or at + length > total:
            return False
        at += length
    return at == total
