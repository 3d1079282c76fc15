"""Cosine comparison of face templates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
from services.face.features import MODEL_ID, Embeddings, unpack


class FaceComparator:
    """Cosine of the angle between two embeddings: −1 to 1 within rounding, higher is more alike.

    Published for this model on LFW: FMR 1e-3 / 1e-4 / 1e-5 at a cosine above .364 / .425 / .494.
    The service's own calibration says what a score is worth. Implements `Comparator`.
    """

    modality = Modality.FACE
    comparator_id = "face-cosine-1"
    model_id = MODEL_ID

    def stack(self, templates: Sequence[Template]) -> Embeddings:
        """Unit vectors of the templates, float32 (templates, 128). Raises as `features.unpack`."""
        return unpack(templates)

    def compare(self, probes: Embeddings, references: Embeddings) -> Scores:
        """Cosines, float32 (probes, references): one matrix product."""
        return np.asarray(probes @ references.T, np.float32)
