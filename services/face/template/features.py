"""The packed form of a face template.

Layout: the 128 numbers of a unit vector, little-endian float32, 512 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed
from biometrics.template import Modality, Template

MODEL_ID = "face-sface-2021dec-1"
DIMENSIONS = 128
NORM_TOLERANCE = 1e-3

Embeddings = NDArray[np.float32]


def pack(embedding: Embeddings) -> Template:
    """Pack a unit vector of shape (128,)."""
    return Template(Modality.FACE, MODEL_ID, embedding.astype("<f4").tobytes())


def unpack(templates: Sequence[Template]) -> Embeddings:
    """Unpack templates into unit vectors, float32 (templates, 128).

    Raises:
        TemplateMalformed: another modality, not 512 bytes, NaN or infinity, not of length 1.
        TemplateModelMismatch: a template of another model.
    """
    for template in templates:
        template.require(Modality.FACE, MODEL_ID)
        if len(template.data) != DIMENSIONS * 4:
            raise TemplateMalformed(f"A face template has {DIMENSIONS * 4} bytes, this one has {len(template.data)}.")
    packed = b"".join([template.data for template in templates])
    vectors = np.frombuffer(packed, "<f4").reshape(-1, DIMENSIONS).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not np.all(np.abs(lengths - 1.0) <= NORM_TOLERANCE):
        raise TemplateMalformed("The face template is not a unit vector of finite numbers. Extract it again.")
    return vectors
