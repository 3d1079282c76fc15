"""The two sides of an evaluation: its mated and its non-mated comparisons, with their scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import FieldInvalid
from evaluation.data.images_csv import ImageRow, subject_numbers
from evaluation.data.pairs_csv import Pairs
from evaluation.metrics.shared_subjects import Comparisons


def sides(images: Sequence[ImageRow], pairs: Pairs, scores: NDArray[np.float32]) -> tuple[Comparisons, Comparisons]:
    """Mated comparisons, −inf where none could be made, and the non-mated comparisons that were made.

    Raises:
        FieldInvalid: no mated or no non-mated comparison could be made.
    """
    subject = subject_numbers(images)
    first, second = subject[pairs.probe], subject[pairs.reference]
    made = ~np.isnan(scores)
    if not (made & pairs.mated).any() or not (made & ~pairs.mated).any():
        raise FieldInvalid(
            "images.csv",
            "at least one mated and one non-mated comparison must be possible; too many images have no template. "
            "samples.csv says why.",
        )
    filled = np.where(made, scores, -np.inf)
    mated, non_mated = pairs.mated, ~pairs.mated & made
    return (
        Comparisons(filled[mated], first[mated], second[mated]),
        Comparisons(filled[non_mated], first[non_mated], second[non_mated]),
    )
