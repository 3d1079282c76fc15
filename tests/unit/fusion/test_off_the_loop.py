"""Long computations run in a thread, so that the event loop can serve other calls."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import fields

from biometrics.template import Modality
from fusion.decision.decision import Decision
from fusion.evidence.evidence import Evidence
from fusion.models.model import FusionModel
from fusion.requests.parallel import STEPS_AT_ONCE, computed
from fusion.use_cases.identify import IdentificationRequest, identify
from gallery.subject import Subject
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.test_exhaustive import ScoreMatcher
from tests.unit.fusion.world import model, sample


class WatchedModel(FusionModel):
    """Records the threads in which it decides."""

    threads: set[int]

    def identification(self, evidence: Iterable[Evidence], fpir: float, subject_count: int) -> Decision:
        """See FusionModel."""
        self.threads.add(threading.get_ident())
        return super().identification(evidence, fpir, subject_count)


async def test_little_work_runs_directly_and_much_in_a_thread() -> None:
    """Work of few steps runs on the event loop, as a thread would cost more than the work; more runs in a thread."""
    assert threading.get_ident() == await computed(STEPS_AT_ONCE, threading.get_ident)
    assert threading.get_ident() != await computed(STEPS_AT_ONCE + 1, threading.get_ident)


async def test_many_subjects_are_ranked_in_a_thread() -> None:
    """If many subjects were found, no decision is made on the event loop."""
    ids = [f"s{number:05}" for number in range(90)]
    store = MemoryStore(subjects={each: Subject(each, ("default",), ()) for each in ids})
    services = {modality: ScoreMatcher(modality, dict.fromkeys(ids, -1.0) | {"s00007": 4.0}) for modality in Modality}
    rule = model()
    watched = WatchedModel(**{each.name: getattr(rule, each.name) for each in fields(rule) if each.init})
    object.__setattr__(watched, "threads", set())
    samples = tuple(sample(modality, "probe") for modality in Modality)
    found = await identify(IdentificationRequest(samples), services, store, watched, 60.0)
    assert "s00007" == found.subject_id
    assert watched.threads
    assert threading.get_ident() not in watched.threads
