"""`python -m studies.searching.face_storage OUT`: what a face template loses in smaller storage formats.

OUT is a folder of `biofusion evaluate` on faces. The formats: float32, as in templates; float16; int8 with one scale
for all vectors (the codes that searches screen by), or with a scale for each vector (its largest number becomes 127).
Scores compare the vectors read back from the format; error rates are over all pairs of images.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from biometrics.errors import BiofusionError
from biometrics.template import Modality, Template
from evaluation.data.csv_rows import read_rows
from evaluation.evaluate import TEMPLATES
from evaluation.protocol.template_cache import TemplateCache
from services.face.comparison.residuals import PAIR_SCALE, SCALE
from services.face.template.features import DIMENSIONS, MODEL_ID, PAIR_DIMENSIONS, PAIR_MODEL_ID, Embeddings, unpack
from studies.references.face_crops import HEADS, errors

SIZES = {"float32": (4, 0), "float16": (2, 0), "int8, one scale": (1, 0), "int8, a scale each": (1, 4)}
"""Bytes of each number of a vector, and of what is stored beside."""
MODELS = {PAIR_MODEL_ID: PAIR_DIMENSIONS, MODEL_ID: DIMENSIONS}


def stored(vectors: Embeddings, form: str) -> Embeddings:
    """Unit vectors, float32 (n, dimensions), after storage in one of the formats of SIZES; same shape and type."""
    if form == "float32":
        return vectors
    if form == "float16":
        return vectors.astype(np.float16).astype(np.float32)
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    one = np.float32(PAIR_SCALE if vectors.shape[1] == PAIR_DIMENSIONS else SCALE)
    scale = one if form == "int8, one scale" else np.float32(127) / largest
    return np.asarray(np.clip(np.rint(vectors * scale), -127, 127) / scale, np.float32)


def lines(vectors: Embeddings, subjects: NDArray[np.str_]) -> Iterator[str]:
    """A table in Markdown, error rates in %."""
    yield f"| form | bytes | largest change of a score | {HEADS} |\n{'|---' * 7}|"
    exact = vectors @ vectors.T
    for form, (each, beside) in SIZES.items():
        kept, size = stored(vectors, form), each * vectors.shape[1] + beside
        yield f"| {form} | {size} | {np.abs(kept @ kept.T - exact).max():.1g} | {errors(kept, subjects)} |"


def read(out: Path) -> tuple[Embeddings, NDArray[np.str_]]:
    """The unit vectors of an evaluated set, float32 (n, dimensions), and the subject of each.

    Those of the pair of networks if the folder has them, else those of SFace alone.

    Raises:
        FieldInvalid, ConfigurationInvalid: `biofusion evaluate` did not write the folder.
    """
    rows = [fields for _, fields in read_rows(out / "samples.csv", ("path", "subject"))]
    with TemplateCache(out / TEMPLATES) as cache:
        keyed = [(key.split("|", 4), each.template) for key, each in cache.items()]
    model_id = next((each for each in MODELS if any(key[0] == each for key, _ in keyed)), MODEL_ID)
    packed = {key[4]: template for key, template in keyed if key[0] == model_id}
    found = [(row["subject"], packed[row["path"]]) for row in rows if packed.get(row["path"])]
    templates = [Template(Modality.FACE, model_id, data) for _, data in found]
    return unpack(templates, model_id, MODELS[model_id]), np.array([subject for subject, _ in found])


@click.command()
@click.argument("out", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(out: Path) -> None:
    """Print what the templates in OUT lose in each form."""
    try:
        for line in lines(*read(out)):
            click.echo(line)
    except (BiofusionError, OSError) as error:
        click.echo(str(error), err=True)
        sys.exit(3)


if __name__ == "__main__":
    main()
