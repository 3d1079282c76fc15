"""FVC2002 B: images with our templates, and beside each image another vendor's ISO/IEC 19794-2:2005 record.

The records state 300 × 400 px at 197 pixels per cm for all four sets, whose images have other sizes and aspects. Their
minutiae lie where ours do if the image is taken to have been stretched to 300 × 400 px before they were extracted.
`undistorted` undoes that: it states the resolutions, across and down, that such an image has.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from biometrics.template import Modality
from evaluation.data.images_csv import read_images
from evaluation.evaluate import TEMPLATES
from evaluation.protocol.extract_set import extract_set
from formats.contents import MinutiaeContent
from formats.minutiae.reading.contents import contents
from formats.minutiae.reading.read import read_record
from infra.images.decode import decode
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.template.features import RESOLUTION_DPI

NAMES = tuple(f"fvc2002-db{number}b" for number in (1, 2, 3, 4))


@dataclass(frozen=True, slots=True)
class FvcSet:
    """One set, n images.

    Args:
        name: as the folders are named.
        names: of the images.
        fingers: shape (n,): which finger, from 0.
        ours: our templates.
        theirs: the vendor's records as they are.
        undistorted: the same without the stretch.
    """

    name: str
    names: tuple[str, ...]
    fingers: NDArray[np.int64]
    ours: tuple[bytes, ...]
    theirs: tuple[MinutiaeContent, ...]
    undistorted: tuple[MinutiaeContent, ...]


def read_set(name: str, sets: Path, out: Path, extractor: FingerprintExtractor) -> FvcSet:
    """Read one set; our templates from the folder that `biofusion evaluate` wrote.

    Args:
        name: of `NAMES`.
        sets: folder that `python -m evaluation.datasets` wrote.
        out: folder of the evaluations.
        extractor: extracts what is not there yet.
    """
    rows = read_images(sets / name / "images.csv", Modality.FINGERPRINT)
    samples = extract_set(rows, extractor, out / name / TEMPLATES, 1, lambda _done, _total: None)
    theirs = [contents(read_record(row.path.with_suffix(".iso").read_bytes())).samples[0] for row in rows]
    records = tuple(each for each in theirs if isinstance(each, MinutiaeContent))
    shape = decode(rows[0].path.read_bytes()).gray.shape
    resolution = rows[0].resolution_dpi or RESOLUTION_DPI
    return FvcSet(
        name,
        tuple(row.path.name for row in rows),
        np.unique([row.subject for row in rows], return_inverse=True)[1].astype(np.int64),
        tuple(sample.template for sample in samples),
        records,
        tuple(_unstretched(each, (shape[1], shape[0]), resolution) for each in records),
    )


def _unstretched(content: MinutiaeContent, size: tuple[int, int], resolution: float) -> MinutiaeContent:
    width, height = content.size_px or size
    return replace(content, resolution_dpi=(resolution * width / size[0], resolution * height / size[1]))
