"""Codes that ISO/IEC 19794 and ANSI/NIST-ITL share: positions of fingers and eyes, impressions, qualities."""

from __future__ import annotations

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import EYES, FINGERS, Position
from formats.contents import Impression, Slap

_FINGERS = {0: Position.UNKNOWN, **dict(enumerate(FINGERS, start=1))}
_EYES = {0: Position.UNKNOWN, 1: EYES[0], 2: EYES[1]}
_SLAPS = {13: Slap.RIGHT_FOUR, 14: Slap.LEFT_FOUR, 15: Slap.TWO_THUMBS}
_PLAIN_THUMBS = {11: Position.RIGHT_THUMB, 12: Position.LEFT_THUMB}
"""Thumbs beside a slap (ANSI/NIST-ITL, table 8)."""
_COMBINED = range(40, 51)
_IMPRESSIONS = {
    0: Impression.LIVE_PLAIN,
    1: Impression.LIVE_ROLLED,
    2: Impression.NONLIVE_PLAIN,
    3: Impression.NONLIVE_ROLLED,
    **dict.fromkeys(range(4, 8), Impression.LATENT),
    8: Impression.SWIPE,
    9: Impression.LIVE_ROLLED,
    20: Impression.LIVE_PLAIN,
    21: Impression.LIVE_ROLLED,
    22: Impression.LIVE_PLAIN,
    23: Impression.LIVE_ROLLED,
    **dict.fromkeys((24, 25, 26, 27, 41, 42, 43), Impression.CONTACTLESS),
}
_IMPRESSION_UNKNOWN = 29
PALMS = frozenset(range(20, 39))
TIPS = 19


def finger(code: int, where: str) -> tuple[Position, Slap | None]:
    """Return the finger of a code, or which slap it is (then the position is UNKNOWN).

    Raises:
        RecordUnsupported: a palm, or a combination of fingers that is no slap.
        RecordMalformed: no code of the standards.
    """
    if code in _FINGERS or code in _PLAIN_THUMBS:
        return _FINGERS.get(code) or _PLAIN_THUMBS[code], None
    if code in _SLAPS:
        return Position.UNKNOWN, _SLAPS[code]
    if code in PALMS:
        raise RecordUnsupported(f"{where} is of a palm (position {code}). Only fingers are compared; leave it out.")
    if code in _COMBINED or code == TIPS:
        raise RecordUnsupported(
            f"{where} shows a combination of fingers (position {code}) that is not cut. Send each finger by itself, "
            "or a slap of four fingers or two thumbs (13, 14, 15)."
        )
    raise RecordMalformed(f"{where} has the finger position {code}, which no standard gives a meaning.")


def finger_code(position: Position, slap: Slap | None = None) -> int:
    """Return the code of a finger (0–10) or of a slap (13–15); a slap of an unknown hand has no code, so 0."""
    if slap is not None:
        return next((code for code, known in _SLAPS.items() if known is slap), 0)
    return next((code for code, known in _FINGERS.items() if known is position), 0)


def eye(code: int, where: str) -> Position:
    """Return the eye of a code: 0 unknown, 1 right, 2 left.

    Raises:
        RecordMalformed: another code.
    """
    if code not in _EYES:
        raise RecordMalformed(f"{where} has the eye {code}; 0 unknown, 1 right and 2 left are known.")
    return _EYES[code]


def eye_code(position: Position) -> int:
    """Return 1 for the right eye, 2 for the left, 0 for an unknown one."""
    return next((code for code, known in _EYES.items() if known is position), 0)


def impression(code: int) -> Impression | None:
    """Return how a print was made; None if the record says that it is unknown."""
    return None if code == _IMPRESSION_UNKNOWN else _IMPRESSIONS.get(code, Impression.OTHER)


def impression_code(value: Impression | None) -> int:
    """Return the lowest code of an impression; 29 if it is unknown, 28 for others."""
    if value is None:
        return _IMPRESSION_UNKNOWN
    return next((code for code, known in _IMPRESSIONS.items() if known is value), 28)


def quality(score: int) -> float | None:
    """Return a quality of 0–100; None for 254 (not computed), 255 (failed) and all else."""
    return float(score) if 0 <= score <= 100 else None
