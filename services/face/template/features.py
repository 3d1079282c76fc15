"""The packed form of a face template.

Layout: the numbers of a unit vector, little-endian float32. Only multiples of `STEP` are compared.

| model | numbers | bytes |
|---|---|---|
| `MODEL_ID`: SFace | 128 | 512 |
| `PAIR_MODEL_ID`: SFace's unit vector and dlib's, one after the other, each divided by √2 | 256 | 1,024 |

So the cosine of two templates of the pair is the mean of the two networks' cosines, and its first half is what SFace
makes of the face alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.errors import TemplateMalformed
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template
from infra.calibrations.pairs import FACE_PAIR, SFACE

MODEL_ID = SFACE
DIMENSIONS = 128
PAIR_MODEL_ID = FACE_PAIR
PAIR_DIMENSIONS = 2 * DIMENSIONS
NETWORKS = ("sface", "dlib")
"""The networks of a template's parts of 128 numbers, in order."""
NORM_TOLERANCE = 1e-3

STEP = np.float32(2.0**-31)
"""Vectors are rounded to multiples of this step where templates are unpacked. A float32 of 2⁻⁸ or more is a multiple
already; smaller ones change by 2.4e-10 at most, and so a score by less than 3e-9."""

Embeddings = NDArray[np.float32]


def pack(embedding: Embeddings) -> Template:
    """Pack a unit vector of SFace, shape (128,), or of the pair, shape (256,)."""
    model_id = PAIR_MODEL_ID if len(embedding) == PAIR_DIMENSIONS else MODEL_ID
    return Template(Modality.FACE, model_id, embedding.astype("<f4").tobytes())


def joined(one: Embeddings, other: Embeddings) -> Embeddings:
    """The unit vector of the pair of two unit vectors, those of SFace and of dlib; float32, shapes (…, 128)."""
    return np.asarray(np.concatenate([one, other], axis=-1) / np.sqrt(2.0), np.float32)


def unpack(templates: Sequence[Template], model_id: str = MODEL_ID, dimensions: int = DIMENSIONS) -> Embeddings:
    """Unpack templates of a model into unit vectors of multiples of `STEP`, float32 (templates, dimensions).

    Raises:
        TemplateMalformed: another modality, NaN or infinity, not of length 1, or another size (`unpack_packed`).
        TemplateModelMismatch: a template of another model.
    """
    for template in templates:
        template.require(Modality.FACE, model_id)
    data = [template.data for template in templates]
    if all(len(each) == 4 * dimensions for each in data):
        return _vectors(np.frombuffer(b"".join(data), np.uint8), dimensions)
    return unpack_packed(PackedTemplates.of(data), dimensions)


def unpack_packed(templates: PackedTemplates, dimensions: int = DIMENSIONS) -> Embeddings:
    """As `unpack`, of the data of templates of this model; float32 (templates, dimensions).

    Where SFace's numbers are wanted, templates of the pair are taken too: SFace's part of them.

    Raises:
        TemplateMalformed: another size, NaN or infinity, not of length 1, or a half of the pair's is not of length √½.
    """
    sizes = np.diff(templates.starts)
    if (sizes == 4 * dimensions).all():
        return _vectors(np.ascontiguousarray(templates.data), dimensions)
    if dimensions == DIMENSIONS:
        return np.concatenate([_sface_part(each) for each in templates])
    raise _wrong_size(int(sizes[sizes != 4 * dimensions][0]), dimensions)


def _sface_part(data: bytes) -> Embeddings:
    """SFace's vector in a template of either model, float32 (1, 128)."""
    packed = np.frombuffer(data, np.uint8)
    if len(data) == 4 * DIMENSIONS:
        return _vectors(packed, DIMENSIONS)
    if len(data) != 4 * PAIR_DIMENSIONS:
        raise _wrong_size(len(data), DIMENSIONS)
    half = np.ascontiguousarray(_vectors(packed, PAIR_DIMENSIONS)[:, :DIMENSIONS]) * np.sqrt(np.float32(2.0))
    return _vectors(half.view(np.uint8), DIMENSIONS)


def _vectors(packed: NDArray[np.uint8], dimensions: int) -> Embeddings:
    vectors = packed.view("<f4").reshape(-1, dimensions).astype(np.float32)
    parts = vectors.reshape(len(vectors), dimensions // DIMENSIONS, DIMENSIONS)
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.sqrt(np.einsum("ipj,ipj->ip", parts, parts) * np.float32(parts.shape[1]))
    if not np.all(np.abs(lengths - 1.0) <= NORM_TOLERANCE):
        raise TemplateMalformed("The face template is not a unit vector of finite numbers. Extract it again.")
    return rounded(vectors)


def rounded(vectors: Embeddings) -> Embeddings:
    """Vectors rounded to multiples of `STEP`; float32, any shape."""
    multiples: Embeddings = np.rint(vectors / STEP) * STEP
    return multiples


def _wrong_size(size: int, dimensions: int) -> TemplateMalformed:
    return TemplateMalformed(f"A face template has {4 * dimensions} bytes, this one has {size}.")
