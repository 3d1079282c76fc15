"""1:N search among 1,000,000 eyes on all cores, against comparing the probe with every one of them in full."""

from __future__ import annotations

import sys

import numpy as np

from benchmarks.harness import Row
from benchmarks.iris.synthetic_irises import another_image, random_codes, template
from benchmarks.limits import read_bytes_per_s
from benchmarks.searches import CORES, FEW, compare_search, loaded
from biometrics.template import Position, Template
from gallery.index.exact import ExactIndex
from gallery.subject import DEFAULT_GALLERY
from services.iris.comparator import IrisComparator, IrisStack, stacked
from services.iris.template.features import Words

EYES, TIMES = 50_000, 20  # so many different ones, each enrolled as so many subjects
COUNT = EYES * TIMES
CHECKED = 20  # probes whose first is looked for among all different eyes in full
BYTES_PER_EYE = 160  # of half a short code and its masks, which are always read


def measure() -> Row:
    """One search at a time; before, the first subject of some searches is compared with the one found in full."""
    codes, masks = random_codes(EYES)
    eyes, comparator = [template(*eye) for eye in zip(codes, masks, strict=True)], IrisComparator()
    large = loaded(comparator, eyes, COUNT)
    few = loaded(comparator, eyes, FEW, segment_size=FEW // (4 * CORES))
    limit = (1000 * BYTES_PER_EYE * COUNT / read_bytes_per_s(), "half of the short codes, read once by one thread")
    return compare_search("iris", large, few, _checked(large, codes, masks), limit)


def _checked(index: ExactIndex[IrisStack], codes: Words, masks: Words) -> Template:
    """The last of some probes, each another image of an enrolled eye; prints how many find the first in full."""
    comparator, all_eyes, same = IrisComparator(), stacked(codes, masks), 0
    for number in np.linspace(0, EYES - 1, CHECKED, dtype=int):
        probe = template(*another_image(codes[number], masks[number], number % 9 - 4, number))
        first = index.search(probe, Position.UNKNOWN, DEFAULT_GALLERY, 1)[0]
        full = comparator.compare(comparator.stack([probe]), all_eyes)[0]
        same += int(first.subject_id[1:]) % EYES == full.argmax() and first.score == full.max()
    print(f"first of {same} of {CHECKED} searches as of comparing all in full", file=sys.stderr)
    return probe
