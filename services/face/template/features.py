"""The packed form of a face template.

Layout: the 128 numbers of a unit vector, little-endian float32, 512 bytes. Only multiples of `STEP` are compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template

MODEL_ID = "face-sface-2021dec-1"
DIMENSIONS = 128
SIZE_BYTES = 4 * DIMENSIONS
NORM_TOLERANCE = 1e-3

STEP = np.float32(2.0**-31)
"""Vectors are rounded to multiples of this step where templates are unpacked. A float32 of 2⁻⁸ or more is a multiple
already; smaller ones change by 2.4e-10 at most, and so a score by less than 3e-9."""

Embeddings = NDArray[np.float32]


def pack(embedding: Embeddings) -> Template:
    """Pack a unit vector of shape (128,)."""
    return Template(Modality.FACE, MODEL_ID, embedding.astype("<f4").tobytes())


def unpack(templates: Sequence[Template], model_id: str = MODEL_ID) -> Embeddings:
    """Unpack templates of a model into unit vectors of multiples of `STEP`, float32 (templates, 128).

    Raises:
        TemplateMalformed: another modality, not 512 bytes, NaN or infinity, not of length 1.
        TemplateModelMismatch: a template of another model.
    """
    for template in templates:
        template.require(Modality.FACE, model_id)
        if len(template.data) != SIZE_BYTES:
            raise _wrong_size(len(template.data))
    return _vectors(np.frombuffer(b"".join([template.data for template in templates]), np.uint8))


def unpack_packed(templates: PackedTemplates) -> Embeddings:
    """As `unpack`, of the data of templates of this model; float32 (templates, 128).

    Raises:
        TemplateMalformed: not 512 bytes, NaN or infinity, not of length 1.
    """
    sizes = np.diff(templates.starts)
    if (sizes != SIZE_BYTES).any():
        raise _wrong_size(int(sizes[sizes != SIZE_BYTES][0]))
    return _vectors(np.ascontiguousarray(templates.data))


def _vectors(packed: NDArray[np.uint8]) -> Embeddings:
    vectors = packed.view("<f4").reshape(-1, DIMENSIONS).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not np.all(np.abs(lengths - 1.0) <= NORM_TOLERANCE):
        raise TemplateMalformed("The face template is not a unit vector of finite numbers. Extract it again.")
    return rounded(vectors)


def rounded(vectors: Embeddings) -> Embeddings:
    """Vectors rounded to multiples of `STEP`; float32, any shape."""
    multiples: Embeddings = np.rint(vectors / STEP) * STEP
    return multiples


def _wrong_size(size: int) -> TemplateMalformed:
    return TemplateMalformed(f"A face template has {SIZE_BYTES} bytes, this one has {size}.")
