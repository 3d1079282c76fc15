"""A search by lists gives what comparing everybody gives, or says that it may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.decision import DecisionReason, Outcome
from fusion.identify import IdentificationRequest, identify
from fusion.matchers import Hit
from fusion.ranking import Identification
from gallery.store import ConsistencyToken
from gallery.subject import Subject
from tests.fakes import MemoryStore
from tests.unit.fusion.world import model, sample, template

Scores = dict[str, float]


@dataclass
class ScoreMatcher:
    """A Matcher whose score of every subject that has a reference is given."""

    modality: Modality
    scores: Scores
    compared: set[str] = field(default_factory=set)

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> tuple[Template, Quality]:
        """Any template."""
        return template(self.modality, "probe"), Quality(80.0)

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Not needed."""
        raise NotImplementedError

    async def search(
        self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """The best by score."""
        best = sorted(self.scores, key=lambda subject_id: (-self.scores[subject_id], subject_id))[:limit]
        return await self.score(probe, best, token, timeout_s)

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Those that have a reference."""
        self.compared.update(subject_ids)
        return [Hit(i, self.scores[i], Position.FACE, 1) for i in subject_ids if i in self.scores]


def everybody(world: Mapping[Modality, Scores]) -> Scores:
    """The fused LLR of every subject, by comparing all with all: scores are LLRs from -6 to 6."""
    ids = {subject_id for scores in world.values() for subject_id in scores}
    return {i: sum(np.clip(scores[i], -6.0, 6.0) for scores in world.values() if i in scores) for i in ids}


async def searched(world: Mapping[Modality, Scores]) -> tuple[Identification, set[str]]:
    """The answer, and who was compared."""
    store = MemoryStore(subjects={i: Subject(i, ("default",), ()) for i in everybody(world)})
    services = {modality: ScoreMatcher(modality, scores) for modality, scores in world.items()}
    samples = tuple(sample(modality, "probe") for modality in world)
    found = await identify(IdentificationRequest(samples, limit=100), services, store, model(), 1.0)
    return found, set.union(*(service.compared for service in services.values()))


def random_world(seed: int, subject_count: int, mated: float) -> dict[Modality, Scores]:
    """Subjects of whom 3 in 10 lack a modality, impostor LLRs about -2.5, one genuine subject about `mated`."""
    rng = np.random.default_rng(seed)
    return {
        modality: {
            f"s{number:05}": float(rng.normal(mated if number == 77 else -2.5, 1.5))
            for number in range(subject_count)
            if rng.random() < 0.7
        }
        for modality in Modality
    }


@pytest.mark.parametrize("subject_count", [50, 900, 6000])
@pytest.mark.parametrize("mated", [-2.5, 0.0, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("seed", range(3))
async def test_as_good_as_exhaustive(seed: int, mated: float, subject_count: int) -> None:
    """Candidates, order and LLRs are those of comparing everybody, and nobody not compared is above the bound."""
    world = random_world(seed, subject_count, mated)
    truth = everybody(world)
    found, compared = await searched(world)
    thresholds = found.decision.thresholds
    order = sorted(truth, key=lambda i: (-truth[i], i))
    candidates = [(i, pytest.approx(truth[i])) for i in order if truth[i] >= thresholds.review_llr]
    assert DecisionReason.SEARCH_INCOMPLETE not in found.decision.reasons
    assert candidates == [(each.subject_id, each.decision.llr) for each in found.candidates]
    assert pytest.approx(truth[order[0]] - truth[order[1]]) == found.runner_up_gap_llr
    unseen = max((truth[i] for i in truth if i not in compared), default=-np.inf)
    assert unseen <= (-np.inf if found.unseen_llr is None else found.unseen_llr)


def world_that_hides(depth: int) -> dict[Modality, Scores]:
    """One subject with LLR 2.9 in all three; before it in each list `depth` others, of LLR 3 there and -3 elsewhere."""
    others = {f"{own}-{number}": own for own in Modality for number in range(depth)}
    return {
        modality: {"zoe": 2.9, **{i: 3.0 if own is modality else -3.0 for i, own in others.items()}}
        for modality in Modality
    }


async def test_the_best_of_the_sum_may_be_far_down_every_list() -> None:
    """Who is in none of the first 100 of any modality is found by longer lists, as the bound asks for them."""
    found, _ = await searched(world_that_hides(150))
    assert ("zoe", Outcome.MATCH) == (found.subject_id, found.decision.outcome)


async def test_who_may_be_hidden_below_every_list_is_said() -> None:
    """Where the longest lists leave it open, nobody is not the answer: a person must look."""
    found, compared = await searched(world_that_hides(1100))
    assert "zoe" not in compared
    assert (Outcome.REVIEW, "") == (found.decision.outcome, found.subject_id)
    assert (DecisionReason.NO_CANDIDATE, DecisionReason.SEARCH_INCOMPLETE) == found.decision.reasons[:2]
    assert 9.0 == found.unseen_llr


async def test_a_short_search_is_not_repeated() -> None:
    """A clear match among many is found by lists of 100: nobody who was not compared could come close."""
    world = random_world(1, 6000, 5.0)
    found, compared = await searched(world)
    assert "s00077" == found.subject_id
    assert len(compared) <= 300
