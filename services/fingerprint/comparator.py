"""Compares fingerprint templates: descriptors, relaxation, elastic alignment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
from infra.kernel import kernel
from services.fingerprint.arrays import Workspace, workspace
from services.fingerprint.descriptor import describe
from services.fingerprint.features import MODEL_ID
from services.fingerprint.prints import Prints, at, precedes, prepare
from services.fingerprint.scoring import score


class FingerprintComparator:
    """Compares minutiae sets (scoring.py). Implements `Comparator`.

    Score: √(local · geometric), 0 to about 8, higher is more alike; 0 where fewer than three minutiae
    pair up. On FVC2002, all cross-finger pairs of the four B sets (a tuning set): FMR 1e-2 at 0.24 and
    1e-3 at 0.35. The service's own calibration says what a score is worth. a·b and b·a score the same.
    """

    modality = Modality.FINGERPRINT
    comparator_id = "fingerprint-elastic-1"
    model_id = MODEL_ID

    def __init__(self) -> None:
        """Compile the kernels, or load them from the cache, so that no request has to wait for it."""
        describe(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
        nothing = self.stack(())
        self.compare(nothing, nothing)

    def stack(self, templates: Sequence[Template]) -> Prints:
        """Unpack templates and describe their minutiae, 0.2–1 ms each.

        Raises:
            TemplateMalformed: a template's data is not what its model id promises.
            TemplateModelMismatch: a template of another model.
        """
        for template in templates:
            template.require(self.modality, self.model_id)
        return prepare([template.data for template in templates])

    def compare(self, probes: Prints, references: Prints) -> Scores:
        """Compare every probe with every reference; float32, shape (probes, references), ≥ 0."""
        scores = np.empty((len(probes.starts) - 1, len(references.starts) - 1), np.float32)
        _compare(probes, references, scores, workspace())
        return scores


@kernel
def _compare(probes: Prints, references: Prints, scores: Scores, w: Workspace) -> None:
    """Lay the print that precedes over the other, so that a·b equals b·a."""
    for row in range(scores.shape[0]):
        probe = at(probes, row)
        for column in range(scores.shape[1]):
            reference = at(references, column)
            if precedes(probes, row, references, column):
                scores[row, column] = score(probe, reference, w)
            else:
                scores[row, column] = score(reference, probe, w)
