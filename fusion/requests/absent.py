"""Positions that are stated as missing, against the samples that there are."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from biometrics.template import Position
from gallery.subject import Missing


def require_absent(missing: Sequence[Missing], samples: Sequence[Sample]) -> None:
    """Check that no position is stated as missing of which there is a sample.

    Raises:
        FieldInvalid: one is.
    """
    sampled = {(each.modality, each.position) for each in samples if each.position is not Position.UNKNOWN}
    for each in missing:
        if (each.modality, each.position) in sampled:
            raise FieldInvalid("missing", f"{each.position} has a sample too. Leave one of the two out.")
