"""One record that is no container → its contents, by a table of readers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from biometrics.errors import RecordMalformed, RecordUnsupported
from formats.contents import Contents, RecordFormat
from formats.images import faces, fingers, irises
from formats.minutiae.readers import read_minutiae, read_minutiae_card
from formats.tagged import face_39794, wrappers

Reader = Callable[[bytes], Contents]


MINUTIAE_RECORDS = (
    RecordFormat.ISO_19794_2_2005,
    RecordFormat.ISO_19794_2_2011,
    RecordFormat.ANSI_378_2004,
    RecordFormat.ANSI_378_2009,
)
CARDS = (RecordFormat.COMPACT_CARD, RecordFormat.NORMAL_CARD)
"""They have no signature: they are read only when they are stated."""
MINUTIAE = frozenset({*MINUTIAE_RECORDS, *CARDS})


def _face(reader: Reader) -> Reader:
    """Return a reader of face records that may stand in the tags of a passport's data group."""

    def read(data: bytes) -> Contents:
        parts = wrappers.blocks(data) or [memoryview(data)]
        if len({_version(part) for part in parts}) > 1:
            raise RecordMalformed("The wrapper holds face records of several formats. Send each of them by itself.")
        return _joined([reader(bytes(part)) for part in parts])

    return read


def _version(part: memoryview) -> bytes:
    """Return what all face records of one format begin with."""
    return bytes(part[:1] if part[:1] == wrappers.FACE_39794 else part[:8])


def _face_39794(data: bytes) -> Contents:
    return Contents(RecordFormat.ISO_39794_5, face_39794.read(data))


def _joined(read: list[Contents]) -> Contents:
    """Return the samples of all; where there are several records, each sample says of which it is."""
    if len(read) == 1:
        return read[0]
    samples = [
        replace(sample, where=f"record {index}, {sample.where}")
        for index, contents in enumerate(read, start=1)
        for sample in contents.samples
    ]
    return Contents(read[0].format, tuple(samples))


READERS: dict[RecordFormat, Reader] = {
    RecordFormat.ISO_19794_4_2005: fingers.read_2005,
    RecordFormat.ISO_19794_4_2011: fingers.read_2011,
    RecordFormat.ISO_19794_5_2005: _face(faces.read_2005),
    RecordFormat.ISO_19794_5_2011: _face(faces.read_2011),
    RecordFormat.ISO_19794_6_2005: irises.read_2005,
    RecordFormat.ISO_19794_6_2011: irises.read_2011,
    RecordFormat.ISO_39794_5: _face(_face_39794),
    **dict.fromkeys(MINUTIAE_RECORDS, read_minutiae),
    **{each: partial(read_minutiae_card, card_format=each) for each in CARDS},
}


def read_block(data: bytes, record_format: RecordFormat) -> Contents:
    """Read one record of a format that is no container.

    Raises:
        RecordMalformed: it is truncated, or contradicts itself.
        RecordUnsupported: the format, or a part of the record, is not read.
        ImageTooLarge: it states an image with more pixels than are read.
    """
    reader = READERS.get(record_format)
    if reader is None:
        raise RecordUnsupported(f"Records of {record_format} are not read here.")
    return reader(data)
