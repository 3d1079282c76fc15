"""Simulated outcomes with known rates: Gaussian scores, whose exact LLR is known."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from math import log
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from evaluation.report.findings.outcome import Outcome

VOID = {"meta"}


def quantiles(count: int, mean: float, random: np.random.Generator) -> np.ndarray:
    """Quantiles of N(mean, 1) in random order."""
    return random.permutation(ndtri((np.arange(count) + 0.5) / count) + mean)


def llr(scores: np.ndarray, shift: float) -> np.ndarray:
    """log10 LR of N(shift, 1) against N(0, 1)."""
    return (shift * scores - shift**2 / 2.0) / log(10.0)


def fnmr_at(fmr: float, shift: float) -> float:
    """The true FNMR at an FMR."""
    return float(ndtr(ndtri(1.0 - fmr) - shift))


def fmr_claimed(claimed: float, shift: float) -> float:
    """The true FMR at the LLR that claims `claimed`."""
    return float(ndtr((log(claimed) - shift**2 / 2.0) / shift))


def gaussian(people: int = 60, shifts: tuple[float, ...] = (2.0, 3.0), seed: int = 1, **changes: Any) -> Outcome:
    """An outcome of every person's probe against every person's reference; fused LLRs are sums of LLRs."""
    random = np.random.default_rng(seed)
    first, second = np.repeat(np.arange(people), people), np.tile(np.arange(people), people)
    mated = first == second
    scores = np.empty((mated.size, len(shifts)))
    for place, shift in enumerate(shifts):
        scores[mated, place] = quantiles(people, shift, random)
        scores[~mated, place] = quantiles(mated.size - people, 0.0, random)
    single = np.stack([llr(scores[:, place], shift) for place, shift in enumerate(shifts)], axis=1)
    numbers = (
        first.astype(np.int32),
        second.astype(np.int32) + people,
        first.astype(np.int32),
        second.astype(np.int32),
    )
    names = tuple(f"comparator {place}" for place in range(len(shifts)))
    tables = (scores.astype(np.float32), single.astype(np.float32), single.sum(axis=1).astype(np.float32))
    return replace(Outcome(names, *tables, mated, *numbers), **changes)


def without(outcome: Outcome, rows: np.ndarray, places: list[int]) -> Outcome:
    """The outcome with some cells missing."""
    scores, single = outcome.scores.copy(), outcome.single_llr.copy()
    scores[np.ix_(rows, places)] = np.nan
    single[np.ix_(rows, places)] = np.nan
    return replace(outcome, scores=scores, single_llr=single, llr=np.nansum(single, axis=1).astype(np.float32))


class Page(HTMLParser):
    """A page's text, tags and links; elements must be closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the tag, and that it is open."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Close the last open tag, which must be this one."""
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        """Record the text."""
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every element with this tag."""
        return [attributes for name, attributes in self.tags if name == tag]
