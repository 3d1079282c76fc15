"""Comparators of short vectors, which implement the ports of `biometrics.comparison`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.errors import (
    TemplateMalformed,
)
from biometrics.packed_templates import PackedTemplates
from biometrics.template import Modality, Template
from tests.support.builders import MODEL_ID

VectorStack = NDArray[np.float32]


@dataclass
class VectorComparator:
    """Comparator of float32 vectors of 4 values: the score is their dot product."""

    modality: Modality = Modality.FINGERPRINT
    comparator_id: str = "dot-1"
    model_id: str = MODEL_ID
    stacked_count: int = 0
    gathered_count: int = 0

    def stack(self, templates: Sequence[Template]) -> VectorStack:
        """Shape (templates, 4)."""
        for template in templates:
            template.require(self.modality, self.model_id)
            if len(template.data) != 16:
                raise TemplateMalformed("16 bytes are needed.")
        self.stacked_count += len(templates)
        return np.frombuffer(b"".join(t.data for t in templates), np.float32).reshape(-1, 4)

    def stack_packed(self, templates: PackedTemplates) -> VectorStack:
        """Shape (templates, 4)."""
        if (np.diff(templates.starts) != 16).any():
            raise TemplateMalformed("16 bytes are needed.")
        self.stacked_count += len(templates)
        return templates.data.view(np.float32).reshape(-1, 4).copy()

    def gather(self, parts: Sequence[tuple[VectorStack, NDArray[np.int64]]]) -> VectorStack:
        """Shape (rows of all parts, 4)."""
        self.gathered_count += sum(rows.size for _, rows in parts)
        return np.concatenate([stack[rows] for stack, rows in parts])

    def compare(self, probes: VectorStack, references: VectorStack) -> Scores:
        """Shape (probes, references)."""
        return probes @ references.T

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """Shape (references,)."""
        return self.compare(self.stack([probe]), self.stack(references))[0]


@dataclass
class ScreeningVectorComparator(VectorComparator):
    """ScreeningComparator of the same vectors: the first value is the estimate; a tenth is compared in full."""

    screened_share: float = 0.1
    compared_count: int = 0

    def screen(self, probes: VectorStack, references: VectorStack) -> Scores:
        """Shape (probes, references)."""
        return probes[:, :1] @ references[:, :1].T

    def screening_error(self, probes: VectorStack, references: VectorStack) -> float:
        """0, as screening stands only for the order of the first values."""
        return 0.0

    def compare_pairs(
        self,
        probes: VectorStack,
        references: VectorStack,
        probe_rows: NDArray[np.int64],
        reference_rows: NDArray[np.int64],
    ) -> Scores:
        """Shape (pairs,)."""
        self.compared_count += len(probe_rows)
        return np.asarray((probes[probe_rows] * references[reference_rows]).sum(axis=1), np.float32)
