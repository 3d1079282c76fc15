"""1:N search among 1,000,000 eyes on all cores, against comparing the probe in full with every one of them."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.harness import Row
from benchmarks.iris.synthetic_irises import another_image, random_codes, template
from benchmarks.large_searches import CORES, FEW, compare_search, loaded
from benchmarks.limits import read_bytes_per_s
from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex
from gallery.subject import DEFAULT_GALLERY
from services.iris.comparator import IrisComparator, IrisStack, stacked
from services.iris.template.features import Words

EYES, TIMES = 50_000, 20  # number of different eyes, and of subjects that each is enrolled as
COUNT = EYES * TIMES
CHECKED = 20  # probes whose first candidate is checked by comparing all different eyes in full
BYTES_PER_EYE = 160  # half a short code and its masks, which are always read


def measure() -> Row:
    """One search at a time; first, the best candidate of some searches is checked against full comparisons."""
    codes, masks = random_codes(EYES)
    eyes, comparator = [template(*eye) for eye in zip(codes, masks, strict=True)], IrisComparator()
    large = loaded(comparator, eyes, COUNT)
    few = loaded(comparator, eyes, FEW, segment_size=FEW // (4 * CORES))
    limit = (1000 * BYTES_PER_EYE * COUNT / read_bytes_per_s(), "half of the short codes, read once by one thread")
    return compare_search("iris", large, few, _checked(large, codes, masks), limit)


def _checked(index: ExactIndex[IrisStack], codes: Words, masks: Words) -> Template:
    """Search CHECKED other images of enrolled eyes; print how many find the same first as full comparison.

    Returns:
        The last of the probes.
    """
    comparator, all_eyes, same = IrisComparator(), stacked(codes, masks), 0
    for number in np.linspace(0, EYES - 1, CHECKED, dtype=int):
        probe = template(*another_image(codes[number], masks[number], number % 9 - 4, number))
        first = index.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 1)[0]
        full = comparator.compare(comparator.stack([probe]), all_eyes)[0]
        same += int(first.subject_id[1:]) % EYES == full.argmax() and first.score == full.max()
    print(f"first of {same} of {CHECKED} searches as of comparing all in full", file=sys.stderr)
    return probe
