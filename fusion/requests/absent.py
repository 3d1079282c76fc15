"""Positions that are stated as missing, against the samples that there are."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample, SlapImage
from biometrics.template import Position
from gallery.subject import Missing


def require_absent(missing: Sequence[Missing], samples: Sequence[Sample]) -> None:
    """Check that no position is stated as missing of which there is a sample.

    Raises:
        FieldInvalid: one is.
    """
    sampled = {(each.modality, position) for each in samples for position in _shown(each)}
    for each in missing:
        if each.position is not Position.UNKNOWN and (each.modality, each.position) in sampled:
            raise FieldInvalid("missing", f"{each.position} has a sample too. Leave one of the two out.")


def _shown(sample: Sample) -> list[Position]:
    """The sample's position, and the fingers that are given in a slap."""
    given = sample.source.segments if isinstance(sample.source, SlapImage) else ()
    return [sample.position, *(each.position for each in given)]
