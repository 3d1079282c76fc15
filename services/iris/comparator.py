"""Compares iris codes by masked fractional Hamming distance over rotations (Daugman 1993, 2007), as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.explanation import Explained
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template
from infra.kernels.kernel import kernel
from services.iris.comparison.best_rotation import WIDE, best_evidence, scratch
from services.iris.comparison.findings import explained
from services.iris.screening.screening import screen_all, turn_all
from services.iris.screening.short_codes import ShortCodes, gathered, shorten_all
from services.iris.template.features import COLUMNS, IrisCode, Words, pack, unpack_all, unpack_packed
from services.kernels.warm_up import exercise

Rows = NDArray[np.int64]
AT_ONCE = 64
"""Most references that are compared on the event loop: 0.2 ms."""


@dataclass(frozen=True)
class IrisStack:
    """Codes of many irises, 4,416 bytes each, 1.08 times the template.

    Args:
        codes: uint64 (irises, 256).
        masks: uint64 (irises, 256).
        short: codes of 2,048 bits, used for screening.
    """

    codes: Words = field(repr=False)
    masks: Words = field(repr=False)
    short: ShortCodes = field(repr=False)

    @cached_property
    def turned(self) -> ShortCodes:
        """The irises as probes of a screening, 12 blocks each. Made at the first use."""
        return turn_all(self.codes, self.masks)


class IrisComparator:
    """Compares iris codes bit by bit at many rotations and keeps the best. Implements `ScreeningComparator`.

    1. Compare at 15 rotations, −21, −18 … 21 columns of 1.4°.
    2. Compare at the two neighbours of the best.
    3. Unless that already speaks clearly against one eye, move 8 sectors of the iris by up to two columns or one row
       each to where they fit best (comparison/moved_sectors.py).
    4. Score: the highest evidence among them (comparison/rotations.py), log10.

    0 if no bits can be compared, negative for most different irises, 10 to 30 for most equal ones; a·b and b·a score
    the same. The service's calibration maps scores to LLRs.
    """

    modality = Modality.IRIS
    comparator_id = "iris-hamming-3"
    model_id = "iris-gabor-2"
    screened_share = 0.002

    def __init__(self) -> None:
        """Compile the kernels, or load them from the cache, so that no request waits for it."""
        blank = IrisCode(np.zeros(COLUMNS, np.uint64), np.full(COLUMNS, ~np.uint64(0)))
        exercise(self, Template(self.modality, self.model_id, pack(blank)))

    def stack(self, templates: Sequence[Template]) -> IrisStack:
        """Unpack templates into one stack, in order.

        Raises:
            TemplateMalformed: not an iris template, or damaged.
            TemplateModelMismatch: a template of another model.
        """
        return self.stack_packed(PackedTemplates.of(self._data(templates)))

    def stack_packed(self, templates: PackedTemplates) -> IrisStack:
        """As `stack`, of the data of templates of this model."""
        return stacked(*unpack_packed(templates))

    def gather(self, parts: Sequence[tuple[IrisStack, Rows]]) -> IrisStack:
        """One stack of chosen rows of several stacks, in order."""
        none = np.empty((0, COLUMNS), np.uint64)
        codes = np.concatenate([none, *(stack.codes[rows] for stack, rows in parts)])
        masks = np.concatenate([none, *(stack.masks[rows] for stack, rows in parts)])
        return IrisStack(codes, masks, gathered([(stack.short, rows) for stack, rows in parts]))

    def compare(self, probes: IrisStack, references: IrisStack) -> Scores:
        """Compare every probe with every reference; float32, shape (probes, references)."""
        scores = np.empty((len(probes.codes), len(references.codes)), np.float32)
        _compare(probes.codes, probes.masks, references.codes, references.masks, scores)
        return scores

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Compare one template with each reference; float32, shape (references,). Raises as `stack`."""
        codes, masks = unpack_all(self._data([probe, *references]))
        scores = np.empty(len(references), np.float32)
        _compare(codes[:1], masks[:1], codes[1:], masks[1:], scores[None])
        return scores

    def compare_pairs(self, probes: IrisStack, references: IrisStack, probe_rows: Rows, reference_rows: Rows) -> Scores:
        """Compare pairs of a probe row and a reference row; float32, shape (pairs,)."""
        scores = np.empty(len(probe_rows), np.float32)
        parts = probes.codes, probes.masks, references.codes, references.masks
        _compare_pairs(*parts, probe_rows, reference_rows, scores)
        return scores

    def screen(self, probes: IrisStack, references: IrisStack) -> Scores:
        """Screening scores of every probe with every reference (screening/screening.py); float32 (probes, references).

        They rank the references of one probe; they are not comparable across probes.
        """
        scores = np.empty((len(probes.codes), len(references.codes)), np.float32)
        screen_all(*probes.turned, *references.short, scores)
        return scores

    def screening_error(self, probes: IrisStack, references: IrisStack) -> float:  # noqa: ARG002 - the port's signature
        """0: screening scores only rank, they do not approximate `compare`."""
        return 0.0

    def explain(self, probe: Template, reference: Template) -> Explained:
        """The score of two templates with what it is made of. Raises as `stack`."""
        codes, masks = unpack_all(self._data([probe, reference]))
        return explained(codes, masks)

    def _data(self, templates: Sequence[Template]) -> list[bytes]:
        for template in templates:
            template.require(self.modality, self.model_id)
        return [template.data for template in templates]


def stacked(codes: Words, masks: Words) -> IrisStack:
    """The stack of these codes; both uint64 (irises, 256), code bits 0 outside the masks."""
    return IrisStack(codes, masks, shorten_all(codes, masks))


@kernel
def _compare(  # pragma: no cover  # compiled
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, scores: Scores
) -> None:
    memory = scratch()
    for i in range(scores.shape[0]):
        wide_code, wide_mask = codes[i][WIDE], masks[i][WIDE]
        for j in range(scores.shape[1]):
            scores[i, j] = best_evidence(wide_code, wide_mask, other_codes[j], other_masks[j], memory)[0]


@kernel
def _compare_pairs(  # pragma: no cover  # compiled
    codes: Words, masks: Words, other_codes: Words, other_masks: Words, rows: Rows, other_rows: Rows, scores: Scores
) -> None:
    memory = scratch()
    for pair in range(len(scores)):
        if pair == 0 or rows[pair] != rows[pair - 1]:
            wide_code, wide_mask = codes[rows[pair]][WIDE], masks[rows[pair]][WIDE]
        other = other_rows[pair]
        scores[pair] = best_evidence(wide_code, wide_mask, other_codes[other], other_masks[other], memory)[0]
