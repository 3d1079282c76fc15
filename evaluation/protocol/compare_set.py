"""Comparing all templates of a set, or listed pairs, in blocks and on several threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Comparator
from biometrics.template import Template
from evaluation.data.pairs_csv import Pairs

BLOCK = 128
"""Templates per block: one call compares at most BLOCK × BLOCK pairs."""

Counter = Callable[[int, int], None]
Scores = NDArray[np.float32]


def compare_all(
    templates: Sequence[Template | None], comparator: Comparator[Any], workers: int, progress: Counter
) -> Scores:
    """Compare every unordered pair once, in the order of `all_pairs`.

    Args:
        templates: one per image, None after a failure to acquire.
        comparator: of the templates' model.
        workers: number of threads; comparators release the GIL.
        progress: called with blocks done and blocks in all.

    Returns:
        float32, shape (n·(n − 1)/2,); NaN where an image has no template.
    """
    count = len(templates)
    scores = np.full(count * (count - 1) // 2, np.nan, np.float32)
    present = np.asarray([number for number, each in enumerate(templates) if each is not None], np.int64)
    groups = [present[start : start + BLOCK] for start in range(0, present.size, BLOCK)]
    stacks = [comparator.stack([each for number in group if (each := templates[number])]) for group in groups]

    def compare(block: tuple[int, int]) -> None:
        first, second = block
        table = comparator.compare(stacks[first], stacks[second])
        probe, reference = np.meshgrid(groups[first], groups[second], indexing="ij")
        once = probe < reference
        scores[_condensed(probe[once], reference[once], count)] = table[once]

    blocks = list(combinations_with_replacement(range(len(groups)), 2))
    with ThreadPoolExecutor(max(1, workers)) as executor:
        for done, _ in enumerate(executor.map(compare, blocks), 1):
            progress(done, len(blocks))
    return scores


def _condensed(probe: NDArray[np.int64], reference: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Index of each pair (probe < reference) in the order of `all_pairs`."""
    return probe * count - probe * (probe + 1) // 2 + reference - probe - 1


def compare_listed(
    pairs: Pairs, templates: Sequence[Template | None], comparator: Comparator[Any], workers: int, progress: Counter
) -> Scores:
    """Compare listed pairs, one probe with all of its references per call.

    Returns:
        float32, shape (k,); NaN where an image has no template.
    """
    scores = np.full(len(pairs), np.nan, np.float32)

    def compare(rows: NDArray[np.int64]) -> None:
        probe = templates[pairs.probe[rows[0]]]
        made = [(row, each) for row in rows if (each := templates[pairs.reference[row]])]
        if probe and made:
            kept, references = zip(*made, strict=True)
            scores[list(kept)] = comparator.compare(comparator.stack([probe]), comparator.stack(references))[0]

    with ThreadPoolExecutor(max(1, workers)) as executor:
        groups = list(_by_probe(pairs))
        for done, _ in enumerate(executor.map(compare, groups), 1):
            progress(done, len(groups))
    return scores


def _by_probe(pairs: Pairs) -> Iterator[NDArray[np.int64]]:
    """Row numbers of `pairs` that share a probe, at most BLOCK at once."""
    order = np.argsort(pairs.probe, kind="stable")
    edges = np.flatnonzero(np.diff(pairs.probe[order])) + 1
    for group in np.split(order, edges):
        for start in range(0, group.size, BLOCK):
            yield group[start : start + BLOCK]
