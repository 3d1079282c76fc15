"""What a comparison of two faces found, as it is shown: how alike each network finds them."""

from __future__ import annotations

import numpy as np

from biometrics.explanation import Explained, FaceFindings
from services.face.comparison.cosines import exact_parts
from services.face.template.features import DIMENSIONS, NETWORKS, Embeddings


def explained(probe: Embeddings, reference: Embeddings) -> Explained:
    """The score of two templates' vectors, float32 (dimensions,), with what it is made of."""
    parts = np.empty(len(probe) // DIMENSIONS, np.float32)
    exact_parts(probe, reference, parts)
    score = parts[0]
    for each in parts[1:]:
        score += each
    terms = tuple(zip(NETWORKS, parts.tolist(), strict=False))
    return Explained(float(score), terms, FaceFindings(tuple((name, len(parts) * part) for name, part in terms)))
