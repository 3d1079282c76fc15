"""Compares fingers cut out of slaps with another impression of each, beside the single print they were composed of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from biometrics.errors import BiofusionError
from biometrics.template import Position, Template
from infra.images.decode import Image
from rendering.slaps import DPI
from services.fingerprint.comparator import FingerprintComparator
from services.fingerprint.extractor import FingerprintExtractor
from services.fingerprint.slap.cutting import cut_out
from services.fingerprint.slap.found import Segmentation
from studies.slaps.drawing import Drawn, Gray

MISS = 0.385
"""The score at FMR 1e-3 on FVC2002."""


class Scores:
    """Scores of cut fingers and of the single prints, each against another impression of the finger.

    Args:
        prints: impressions of each finger of a set.
    """

    def __init__(self, prints: Mapping[str, Sequence[Gray]]) -> None:
        self._prints = prints
        self._extractor = FingerprintExtractor.load()
        self._comparator = FingerprintComparator()
        self._templates: dict[tuple[str, int], Template | None] = {}
        self.with_print: list[float] = []
        self.cut: list[float] = []
        self.single: list[float] = []

    def add(self, drawn: Drawn, found: Segmentation) -> None:
        """Extract and compare all fingers of a slap."""
        for (subject, number), each in zip(drawn.files, cut_out(Image(drawn.made.gray, DPI), found), strict=True):
            own = self._of(subject, number)
            other = self._of(subject, (number + 1) % len(self._prints[subject]))
            taken = self._extract(each.image)
            self.with_print.append(self._score(taken, own))
            self.cut.append(self._score(taken, other))
            self.single.append(self._score(own, other))

    def __str__(self) -> str:
        cut, single, same = (np.array(each) for each in (self.cut, self.single, self.with_print))
        return (
            f"{len(cut)} fingers; with the single print: {np.median(same):.2f}, {np.mean(same < MISS):.1%} missed; "
            f"medians with another impression: cut {np.median(cut):.2f}, {np.mean(cut < MISS):.1%} missed; "
            f"single {np.median(single):.2f}, {np.mean(single < MISS):.1%} missed"
        )

    def _of(self, subject: str, number: int) -> Template | None:
        if (subject, number) not in self._templates:
            self._templates[subject, number] = self._extract(Image(self._prints[subject][number], DPI))
        return self._templates[subject, number]

    def _extract(self, image: Image) -> Template | None:
        """The template; None if there is none."""
        try:
            return self._extractor.extract(image, Position.UNKNOWN).template
        except BiofusionError:
            return None

    def _score(self, probe: Template | None, reference: Template | None) -> float:
        """The score; −1 if there is no template."""
        if probe is None or reference is None:
            return -1.0
        stacks = [self._comparator.stack([each]) for each in (probe, reference)]
        return float(self._comparator.compare(*stacks)[0, 0])
