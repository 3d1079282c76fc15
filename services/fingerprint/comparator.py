"""Compares fingerprint templates: descriptors, relaxation, elastic alignment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
from infra.kernel import kernel
from services.fingerprint.arrays import Indices, Workspace, workspace
from services.fingerprint.descriptor import describe
from services.fingerprint.explanation import Pairing, pairing
from services.fingerprint.features import MODEL_ID
from services.fingerprint.prints import Prints, at, precedes, prepare
from services.fingerprint.scoring import score
from services.fingerprint.screening import screen_all


class FingerprintComparator:
    """Compares minutiae sets (scoring.py) and screens galleries (screening.py). Implements `ScreeningComparator`.

    Score: √(local · geometric) less what chance gives, about −0.4 to 8, higher is more alike; 0 where
    fewer than three minutiae look alike. a·b and b·a score the same. What a score is worth says the
    service's calibration.
    """

    modality = Modality.FINGERPRINT
    comparator_id = "fingerprint-elastic-2"
    model_id = MODEL_ID
    screened_share = 0.05

    def __init__(self) -> None:
        """Compile the kernels, or load them from the cache, so that no request has to wait for it."""
        describe(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
        nothing = self.stack(())
        self.compare(nothing, nothing)
        self.screen(nothing, nothing)

    def stack(self, templates: Sequence[Template]) -> Prints:
        """Unpack templates and describe their minutiae, 0.1–0.5 ms each.

        Raises:
            TemplateMalformed: a template's data is not what its model id promises.
            TemplateModelMismatch: a template of another model.
        """
        for template in templates:
            template.require(self.modality, self.model_id)
        return prepare([template.data for template in templates])

    def compare(self, probes: Prints, references: Prints) -> Scores:
        """Compare every probe with every reference; float32, shape (probes, references)."""
        return self.compare_rows(probes, references, np.arange(len(references.starts) - 1))

    def compare_rows(self, probes: Prints, references: Prints, rows: NDArray[np.int64]) -> Scores:
        """Compare every probe with some of the references; float32, shape (probes, rows)."""
        scores = np.empty((len(probes.starts) - 1, len(rows)), np.float32)
        _compare(probes, references, rows, scores, workspace())
        return scores

    def screen(self, probes: Prints, references: Prints) -> Scores:
        """How much every reference deserves to be compared with every probe; float32, ≥ 0.

        Shape (probes, references). Meant for the references of one probe, not across probes; not symmetric.
        """
        scores = np.empty((len(probes.starts) - 1, len(references.starts) - 1), np.float32)
        screen_all(probes.sketches, probes.starts, references.sketches, references.starts, scores)
        return scores

    def explain(self, probe: Template, reference: Template) -> Pairing:
        """The pairs of minutiae behind the score of two templates. Raises as `stack`."""
        return pairing(self.stack([probe]), self.stack([reference]))


@kernel
def _compare(probes: Prints, references: Prints, rows: Indices, scores: Scores, w: Workspace) -> None:
    """Lay the print that precedes over the other, so that a·b equals b·a."""
    for k in range(scores.shape[0]):
        probe = at(probes, k)
        for column in range(scores.shape[1]):
            row = rows[column]
            reference = at(references, row)
            if precedes(probes, k, references, row):
                scores[k, column] = score(probe, reference, w)
            else:
                scores[k, column] = score(reference, probe, w)
