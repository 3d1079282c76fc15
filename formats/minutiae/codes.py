"""Codes of fingers and impressions (ISO/IEC 19794-2, tables 2 and 5) ↔ the project's."""

from __future__ import annotations

from biometrics.errors import RecordUnsupported
from biometrics.template import FINGERS, Position
from formats import codes
from formats.contents import Impression

POSITIONS = (Position.UNKNOWN, *FINGERS)
"""By code: 0 unknown, 1–5 right thumb to little finger, 6–10 left."""

_SINCE_2004 = frozenset((0, 1, 2, 3, 8))


def position_of(code: int, where: str) -> Position:
    """The finger of a code.

    Raises:
        RecordUnsupported: several fingers, a palm, or no code of the standard.
    """
    if code >= len(POSITIONS):
        raise RecordUnsupported(
            f"{where}: position {code} is no single finger. Only the codes 0 to 10 are read; cut slaps into fingers."
        )
    return POSITIONS[code]


def impression_code(impression: Impression | None, *, is_new: bool) -> int:
    """The code of an impression.

    Args:
        impression: None if not known.
        is_new: whether for an edition since 2009; older ones have fewer codes, and 0, live plain, stands for others.
    """
    code = codes.impression_code(impression)
    return code if is_new or code in _SINCE_2004 else 0
