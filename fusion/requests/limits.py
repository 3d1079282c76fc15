"""Limits on the size of a request, so that none delays the others; checked before any work is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Sized

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from biometrics.template import Position

MAX_SAMPLES = 64
"""Most samples of a request."""

MAX_OF_POSITION = 10
"""Most samples of one position."""

MAX_OF_UNKNOWN = 20
"""Most samples of one modality whose position is unknown."""

MAX_MISSING = 64
"""Most positions stated as missing."""

MOST_COMPARED = 32
"""Most references of one position, the newest, that a verification compares a sample with."""


def require_few(field: str, values: Sized, most: int) -> None:
    """Check that a field has no more values than allowed, without reading them.

    Raises:
        FieldInvalid: there are more than `most`.
    """
    if len(values) > most:
        raise FieldInvalid(field, f"at most {most} are allowed, {len(values)} were sent.", limit=str(most))


def require_samples(samples: Sequence[Sample]) -> None:
    """Check the number of samples, in all and of each position.

    Raises:
        FieldInvalid: there is none, or too many, or too many of one position.
    """
    require_some("samples", samples)
    counts = Counter((each.modality, each.position) for each in samples)
    for (modality, position), count in counts.items():
        most = MAX_OF_UNKNOWN if position is Position.UNKNOWN else MAX_OF_POSITION
        if count > most:
            message = f"{count} of {modality} {position} were sent, and {most} are allowed. Send the best of them."
            raise FieldInvalid("samples", message, limit=str(most))


def require_some(field: str, samples: Sized) -> None:
    """Check the number of samples.

    Raises:
        FieldInvalid: there is none, or more than 64.
    """
    if not 1 <= len(samples) <= MAX_SAMPLES:
        message = f"1 to {MAX_SAMPLES} samples are needed, {len(samples)} were sent."
        raise FieldInvalid(field, message, limit=str(MAX_SAMPLES))
