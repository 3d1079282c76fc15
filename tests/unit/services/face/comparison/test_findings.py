"""What is shown of a comparison of two faces is what its score is made of."""

from __future__ import annotations

import numpy as np
import pytest

from biometrics.explanation import FaceFindings
from services.face.comparator import FaceComparator, PairComparator
from services.face.template.features import joined, pack


def test_each_network_has_its_cosine_and_their_mean_is_the_score() -> None:
    """The score is that of `compare_templates` to the last bit, for both networks together and for the first alone."""
    numbers = np.random.default_rng(1).standard_normal((4, 128))
    one, other, third, fourth = (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float32)
    pair, single = PairComparator(), FaceComparator()
    for comparator, probe, reference, networks in (
        (pair, pack(joined(one, third)), pack(joined(other, fourth)), ["sface", "dlib"]),
        (single, pack(one), pack(other), ["sface"]),
        (single, pack(joined(one, third)).of_model(single.model_id), pack(other), ["sface"]),
    ):
        explained = comparator.explain(probe, reference)
        assert isinstance(explained.findings, FaceFindings)
        cosines = dict(explained.findings.cosines)
        assert networks == list(cosines)
        assert comparator.compare_templates(probe, [reference])[0] == explained.score
        assert explained.score == pytest.approx(sum(cosines.values()) / len(cosines), abs=1e-6)
        assert explained.score == pytest.approx(sum(value for _, value in explained.terms), abs=1e-6)
        assert float(one @ other) == pytest.approx(cosines["sface"], abs=1e-5)
