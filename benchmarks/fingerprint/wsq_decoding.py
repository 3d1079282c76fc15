"""Decoding WSQ, against the package `wsq`, which compiles NIST's C code.

The package is no dependency of this project (its licence, CeCILL-C, is one for what only tests use at most): install it
by `pip install --no-deps --target FOLDER wsq`, and add the folder to PYTHONPATH.
"""

from __future__ import annotations

import importlib
import io

import numpy as np
from PIL import Image as Pillow

from benchmarks.harness import Row, Unavailable, compare, median_ms
from infra.images.formats.decoders import decode_here
from tests.support.wsq_files import wsq

HEIGHT, WIDTH = 750, 800
STEP = 12.0
"""Width of the bins: gives a file of about a sixteenth of the pixels' size."""


def measure() -> Row:
    """A print of 800×750 px, as ten-print scanners make."""
    try:
        importlib.import_module("wsq")
    except ImportError as error:
        raise Unavailable("the package wsq is not installed") from error
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    noise = np.random.default_rng(1).normal(0, 6, x.shape)
    print_ = np.clip(128 + 90 * np.sin(0.7 * np.hypot(x - 380, y - 500)) + noise, 0, 255).astype(np.uint8)
    data = wsq(print_, step=STEP, tables=3)
    pixels, _ = decode_here(data)
    theirs = np.asarray(Pillow.open(io.BytesIO(data)))
    differences = np.abs(theirs.astype(int) - pixels)
    assert differences.max() <= 1
    what = (
        f"WSQ of {WIDTH}×{HEIGHT} px, {len(data):,} bytes; same pixels within ±1, {np.mean(differences == 0):.5f} equal"
    )
    copying = median_ms(pixels.copy)
    return compare(
        what,
        lambda: decode_here(data),
        "package wsq (C)",
        lambda: np.asarray(Pillow.open(io.BytesIO(data))),
        (copying, "copying the pixels"),
    )
