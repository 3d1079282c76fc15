"""One view of minutiae as a record of its own, in which no direction is rounded."""

from __future__ import annotations

import numpy as np

from formats.contents import MinutiaeContent, RecordFormat
from formats.minutiae.writing.write import write_record

ANSI_STEPS = 180
TOLERANCE = 1e-6


def one_view(content: MinutiaeContent) -> tuple[bytes, RecordFormat]:
    """The record and its format: ANSI 378-2009 if all directions are multiples of 2°, else ISO/IEC 19794-2:2011.

    So the directions of every format that is read are written as they were. Positions are rounded to 1 px at 500 dpi,
    as in a template.

    Raises:
        FieldInvalid: as `write_record`.
    """
    steps = content.angle * (ANSI_STEPS / (2 * np.pi))
    is_ansi = bool(np.all(np.abs(steps - np.rint(steps)) < TOLERANCE * ANSI_STEPS))
    record_format = RecordFormat.ANSI_378_2009 if is_ansi else RecordFormat.ISO_19794_2_2011
    return write_record([content], record_format), record_format
