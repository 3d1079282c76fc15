"""Finger minutiae record → `MinutiaeRecord`, whichever version it is of."""

from __future__ import annotations

from biometrics.errors import RecordMalformed
from formats.contents import RecordFormat
from formats.minutiae.reading import views_2004, views_2009, views_2011
from formats.minutiae.reading.versions import version_of
from formats.minutiae.record import MinutiaeRecord


def read_record(data: bytes) -> MinutiaeRecord:
    """Read a record, leniently where that is safe.

    Bytes after the record are left out. Lengths of blocks of extended data may count their own four bytes or not, and
    the extended data may be a byte longer or shorter than stated.

    Args:
        data: the whole record, and maybe bytes after it. Time and memory are in proportion to it.

    Raises:
        RecordMalformed: truncated, or it contradicts itself; the message names the view and what is wrong.
        RecordUnsupported: another version.
    """
    version = version_of(data)
    if version.format is RecordFormat.ISO_19794_2_2011:
        record = views_2011.read(version)
    elif version.format is RecordFormat.ANSI_378_2009:
        record = views_2009.read(version, data)
    else:
        record = views_2004.read(version)
    if not record.views:
        raise RecordMalformed("The minutiae record holds no view of a finger.")
    return record
