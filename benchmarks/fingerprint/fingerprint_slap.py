"""Finding the fingertips of a slap, against one read of its pixels by the finder of single fingers."""

from __future__ import annotations

import numpy as np

from benchmarks.harness import Row, compare
from benchmarks.limits import read_bytes_per_s
from formats.contents import Slap
from infra.images.decode import Image, decode
from infra.models.model_cache import asset
from rendering.slaps import DPI, RIGHT_TIPS, Plan, compose
from services.fingerprint.extraction.segmentation import find_finger
from services.fingerprint.slap.segment import segment


def measure() -> Row:
    """A right hand of the demo fingers, turned by 20°, two phalanges each."""
    prints = [decode(asset(f"finger-{number}")).gray for number in (1, 3, 2, 3)]
    plan = Plan(tips=RIGHT_TIPS, gaps_px=(12, 12, 12), degrees=20.0)
    gray = compose(prints, plan, np.random.default_rng(0)).gray
    return compare(
        "fingertips of a slap, 1600×1500 px",
        lambda: segment(Image(gray, DPI), Slap.RIGHT_FOUR),
        "find_finger on the same image",
        lambda: find_finger(gray),
        (1000 * gray.nbytes / read_bytes_per_s(), "one read of the pixels"),
    )
