"""Work whose caller has gone ends, for every kind of request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from benchmarks.fingerprint.synthetic_fingers import finger
from biometrics.comparison import Comparator, Scores
from biometrics.errors import DeadlineExpired
from biometrics.template import Position, Template
from gallery.index.columns.segment import Segment
from gallery.index.columns.subjects import Subjects
from gallery.index.search.compare import Comparing, Probes
from gallery.index.search.rank import Searched
from infra.calibrations import load_calibration
from infra.deadlines import Wanted, current_deadline
from infra.images.decode import ImageLimits
from infra.workers import Workers
from services.fingerprint.comparator import FingerprintComparator
from services.recognizer import Recognizer

FINGERS = [finger(number) for number in range(20)]


class HungUp(FingerprintComparator):
    """The real comparator, during whose first comparison the caller hangs up."""

    def __init__(self) -> None:
        self.compared, self._is_asked = 0, False
        super().__init__()
        self._is_asked = True

    def compare_templates(self, probe: Template, references: Sequence[Template]) -> Scores:
        """The scores."""
        scores = super().compare_templates(probe, references)
        if self._is_asked:  # not while its kernels are compiled
            self.compared += len(references)
            hang_up()
        return scores


def hang_up() -> None:
    """Let the caller of this thread's work go away."""
    deadline = current_deadline.get()
    assert isinstance(deadline, Wanted)
    deadline.caller.go()


async def test_a_comparison_with_ten_thousand_ends_soon() -> None:
    """Of 10,000 references only one piece is unpacked and compared; then the thread is free."""
    comparator, workers = HungUp(), Workers(1, 10)
    unused: Any = None
    calibration = load_calibration(comparator.comparator_id)
    recognizer = Recognizer(unused, comparator, calibration, unused, workers, workers, ImageLimits())
    with pytest.raises(DeadlineExpired):
        await recognizer.scores(FINGERS[0], FINGERS * 500)
    assert comparator.compared < 100
    assert 1 == await workers.run(lambda: workers._pending)
    workers.close()


def segments(comparator: Comparator[Any], count: int) -> list[Segment[Any]]:
    """`count` references in segments of 500."""
    stack = comparator.stack((FINGERS * 25)[:500])
    return [Segment(Position.RIGHT_INDEX, stack, np.arange(k, k + 500), 1) for k in range(0, count, 500)]


@pytest.mark.parametrize("count", [1_000, 2_000], ids=["all compared", "screened"])
@pytest.mark.parametrize("looks", [0, 1, 2, 3])
def test_a_search_ends_soon(count: int, looks: int) -> None:
    """Whenever the callers of all its probes have gone, in a small or a large gallery."""
    comparator = FingerprintComparator()
    asked: list[bool] = []

    def is_wanted() -> bool:
        asked.append(len(asked) < looks)
        return asked[-1]

    probes = Probes(comparator.stack(FINGERS[:2]), [10, 10])
    with pytest.raises(DeadlineExpired):
        Comparing(comparator, 1).best(probes, Searched(segments(comparator, count), Subjects()), is_wanted)
    assert [True] * looks + [False] == asked
