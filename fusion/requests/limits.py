"""How much one request may hold, so that none keeps the others waiting; each is looked at before any work is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Sized

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from biometrics.template import Position

MAX_SAMPLES = 64

MAX_OF_POSITION = 10
"""Samples of one position."""

MAX_OF_UNKNOWN = 20
"""Samples of one modality whose position is unknown."""

MAX_MISSING = 64
"""Positions stated as missing."""

MOST_COMPARED = 32
"""References of one position, the newest, that a verification compares a sample with."""


def page_size(asked: int, default: int, most: int) -> int:
    """How many a page of a list holds: 0 means the default, more than may be means as many as may be (AIP-158).

    Raises:
        FieldInvalid: a negative number.
    """
    if asked < 0:
        raise FieldInvalid("page_size", "0, for the default, or more is allowed.")
    return min(asked or default, most)


def require_few(field: str, values: Sized, most: int) -> None:
    """Refuse more values than allowed, without looking at them.

    Raises:
        FieldInvalid: there are more.
    """
    if len(values) > most:
        raise FieldInvalid(field, f"at most {most} are allowed, {len(values)} were sent.", limit=str(most))


def require_samples(samples: Sequence[Sample]) -> None:
    """Refuse no samples, too many, and too many of one position.

    Raises:
        FieldInvalid: of these.
    """
    require_some("samples", samples)
    counts = Counter((each.modality, each.position) for each in samples)
    for (modality, position), count in counts.items():
        most = MAX_OF_UNKNOWN if position is Position.UNKNOWN else MAX_OF_POSITION
        if count > most:
            message = f"{count} of {modality} {position} were sent, and {most} are allowed. Send the best of them."
            raise FieldInvalid("samples", message, limit=str(most))


def require_some(field: str, samples: Sized) -> None:
    """Refuse no samples, and too many.

    Raises:
        FieldInvalid: of these.
    """
    if not 1 <= len(samples) <= MAX_SAMPLES:
        message = f"1 to {MAX_SAMPLES} samples are needed, {len(samples)} were sent."
        raise FieldInvalid(field, message, limit=str(MAX_SAMPLES))
