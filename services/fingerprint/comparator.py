"""Compares fingerprint templates: descriptors, relaxation, elastic alignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biometrics.comparison import Scores
from biometrics.template import Modality, Template
from services.fingerprint.descriptor import describe
from services.fingerprint.features import MODEL_ID, FingerFeatures, Minutiae, pack, unpack
from services.fingerprint.scoring import score


@dataclass(frozen=True, slots=True)
class Print:
    """One template, ready to be compared.

    Args:
        minutiae: float32, shape (n, 3): x, y (px, upward from the image's top, so ≤ 0) and angle
            (radians), by rising y.
        descriptors: int8, shape (n, 160).
        mask: bool, shape (rows, columns): the finger area in cells of 16 px.
        order: decides which of two prints is laid over the other, so that a·b equals b·a.
    """

    minutiae: NDArray[np.float32] = field(repr=False)
    descriptors: NDArray[np.int8] = field(repr=False)
    mask: NDArray[np.bool_] = field(repr=False)
    order: tuple[int, bytes] = field(repr=False)


Prints = tuple[Print, ...]


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
        number = np.zeros(0, np.float32)
        nothing = Minutiae(number, number, number, np.zeros(0, np.bool_), number)
        empty = _prepare(pack(FingerFeatures(1, 1, np.zeros((1, 1), np.bool_), nothing)))
        self.compare((empty,), (empty,))

    def stack(self, templates: Sequence[Template]) -> Prints:
        """Unpack templates and describe their minutiae, 0.2–1 ms each.

        Raises:
            TemplateMalformed: a template's data is not what its model id promises.
            TemplateModelMismatch: a template of another model.
        """
        for template in templates:
            template.require(self.modality, self.model_id)
        return tuple(_prepare(template.data) for template in templates)

    def compare(self, probes: Prints, references: Prints) -> Scores:
        """Compare every probe with every reference; float32, shape (probes, references), ≥ 0."""
        scores = np.zeros((len(probes), len(references)), np.float32)
        for row, probe in enumerate(probes):
            for column, reference in enumerate(references):
                scores[row, column] = _score(probe, reference)
        return scores


def _prepare(data: bytes) -> Print:
    features = unpack(data)
    found = features.minutiae
    minutiae = np.ascontiguousarray(np.column_stack([found.x, -found.y, found.angle])[::-1], np.float32)
    descriptors = describe(minutiae, np.ascontiguousarray(found.confidence[::-1]))
    return Print(minutiae, descriptors, features.mask, (len(found), data))


def _score(probe: Print, reference: Print) -> float:
    a, b = (probe, reference) if probe.order <= reference.order else (reference, probe)
    return score(a.minutiae, a.descriptors, a.mask, b.minutiae, b.descriptors, b.mask)
