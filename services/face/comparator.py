"""Compares face templates by cosine, and screens galleries by int8 codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Found, Scores
from biometrics.explanation import Explained
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template
from services.face.comparison.cosines import exact, exact_pairs, exact_restored
from services.face.comparison.findings import explained
from services.face.comparison.int8_codes import LEAST_FOUND, CodedVectors, Rows, coded, error_bound, rough, spread
from services.face.comparison.residuals import restore_all, restore_rows
from services.face.template.features import (
    DIMENSIONS,
    MODEL_ID,
    PAIR_DIMENSIONS,
    PAIR_MODEL_ID,
    Embeddings,
    joined,
    pack,
    unpack,
    unpack_packed,
)
from services.kernels.warm_up import exercise

ROUNDING = 1e-4
"""Upper bound of a score's own rounding error: 256 roundings of 2⁻²⁴ of numbers up to 1, vectors up to 1.001 long; and,
of the pair, one of `int8_codes.PAIR_UNIT`."""


FOUND = 4 * LEAST_FOUND
"""Most scores per part that `screen_above` yields."""

AT_ONCE = 256
"""Most references that are compared on the event loop: 0.1 ms."""

SEGMENT_ROWS = 32_768
"""References per segment of the index: smaller segments cost more in Python than in comparisons, larger ones slow down
searches that share a pass (docs/decisions/0011-face-search.md)."""


@dataclass(frozen=True)
class FaceStack:
    """Many face templates, four bytes per number.

    Args:
        coded: the vectors as int8 codes and residuals.
    """

    coded: CodedVectors = field(repr=False)

    def __len__(self) -> int:
        """Number of templates."""
        return len(self.coded.residuals.high)

    @cached_property
    def vectors(self) -> Embeddings:
        """The vectors, float32 (n, dimensions), of length 1. Made at the first use, for probes."""
        return restore_all(self.coded.codes, self.coded.residuals)

    @cached_property
    def as_probes(self) -> NDArray[np.int16]:
        """The codes in the layout of `rough`'s probes. Made at the first use."""
        return spread(self.coded.codes, len(self))


class FaceComparator:
    """Cosine of the angle between two embeddings of SFace: −1 to 1 within rounding, higher is more alike.

    Screens by int8 codes, whose scores are off by `screening_error` at most: so a search finds what an exact search
    finds. Implements `SelectiveComparator`.

    Published for this model on LFW: FMR 1e-3 / 1e-4 / 1e-5 at a cosine above .364 / .425 / .494.
    The service's own calibration maps scores to LLRs.
    """

    modality = Modality.FACE
    comparator_id = "face-cosine-1"
    model_id = MODEL_ID
    dimensions = DIMENSIONS
    screened_share = 0.0

    def __init__(self) -> None:
        """Compile the kernels, or load them from the cache, so that no request waits for it."""
        axis = np.eye(1, DIMENSIONS, dtype=np.float32)[0]
        exercise(self, pack(axis if self.dimensions == DIMENSIONS else joined(axis, axis)).of_model(self.model_id))

    def stack(self, templates: Sequence[Template]) -> FaceStack:
        """Unpack templates. Raises as `features.unpack`."""
        for template in templates:
            template.require(self.modality, self.model_id)
        return self.stack_packed(PackedTemplates.of([template.data for template in templates]))

    def stack_packed(self, templates: PackedTemplates) -> FaceStack:
        """Unpack the data of templates. Raises as `features.unpack_packed`."""
        return FaceStack(coded(unpack_packed(templates, self.dimensions)))

    def gather(self, parts: Sequence[tuple[FaceStack, Rows]]) -> FaceStack:
        """One stack of chosen rows of several stacks, in order."""
        chosen = [restore_rows(stack.coded.codes, stack.coded.residuals, np.array(rows)) for stack, rows in parts]
        return FaceStack(coded(np.concatenate([np.empty((0, self.dimensions), np.float32), *chosen])))

    def compare(self, probes: FaceStack, references: FaceStack) -> Scores:
        """Cosines, float32 (probes, references)."""
        scores = np.empty((len(probes), len(references)), np.float32)
        exact_restored(probes.vectors, references.coded.codes, references.coded.residuals, scores)
        return scores

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Cosines, float32 (references,). Raises as `stack`."""
        vectors = unpack([probe, *references], self.model_id, self.dimensions)
        scores = np.empty(len(references), np.float32)
        exact(vectors[:1], vectors[1:], scores[None])
        return scores

    def explain(self, probe: Template, reference: Template) -> Explained:
        """The score of two templates with what it is made of. Raises as `stack`."""
        return explained(*unpack([probe, reference], self.model_id, self.dimensions))

    def compare_pairs(self, probes: FaceStack, references: FaceStack, probe_rows: Rows, reference_rows: Rows) -> Scores:
        """Cosines of pairs of a probe row and a reference row; float32 (pairs,)."""
        scores = np.empty(len(probe_rows), np.float32)
        codes, residuals, _ = references.coded
        exact_pairs(probes.vectors, codes, residuals, probe_rows, reference_rows, scores)
        return scores

    def screen(self, probes: FaceStack, references: FaceStack) -> Scores:
        """Approximate cosines, off by `screening_error` at most; float32 (probes, references)."""
        scores = np.empty((len(probes), len(references)), np.float32)
        for found in self.screen_above(probes, references, np.full(len(probes), -np.inf, np.float32)):
            scores[found.probes, found.rows] = found.scores
        return scores

    def screen_above(self, probes: FaceStack, references: FaceStack, thresholds: Scores) -> Iterator[Found]:
        """The scores of `screen` that reach their probe's threshold, in parts; see `SelectiveComparator`."""
        codes, count, start = references.coded.codes, len(references), (0, 0)
        while start[0] < len(codes):
            hits = np.empty(FOUND, np.int64), np.empty(FOUND, np.int64), np.empty(FOUND, np.float32)
            size, *place = rough(probes.as_probes, codes, thresholds, start, count, hits)
            start = place[0], place[1]
            yield Found(hits[0][:size], hits[1][:size], hits[2][:size])

    def screening_error(self, probes: FaceStack, references: FaceStack) -> float:
        """Largest possible difference between `screen` and `compare`."""
        return error_bound(probes.coded.error, references.coded.error) + ROUNDING


class PairComparator(FaceComparator):
    """The same of the pair of networks: the mean of the cosines of SFace's embeddings and of dlib's.

    Different people's embeddings of dlib have a cosine of about 0.83, so scores have another scale than SFace's.
    """

    comparator_id = "face-cosine-2"
    model_id = PAIR_MODEL_ID
    dimensions = PAIR_DIMENSIONS
