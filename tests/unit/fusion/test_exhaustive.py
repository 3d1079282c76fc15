"""A search by lists gives the same answer as comparing all subjects, or says that it may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from biometrics.errors import ServiceUnavailable
from biometrics.quality import Quality
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from fusion.decision.decision import DecisionReason, Outcome
from fusion.matching.matchers import Extracted, Found, Hit
from fusion.ranking.identification import Identification
from fusion.use_cases.identify import IdentificationRequest, identify
from gallery.store.values import ConsistencyToken
from gallery.subject import Subject
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import calibration, model, sample, template

Scores = dict[str, float]


@dataclass
class ScoreMatcher:
    """A Matcher with given scores of all subjects that have a reference; it fails lists over `longest`."""

    modality: Modality
    scores: Scores
    longest: int = 1000
    compared: set[str] = field(default_factory=set)

    async def extract(self, image: EncodedImage, position: Position, timeout_s: float) -> Extracted:
        """Any template."""
        return Extracted(template(self.modality, "probe"), Quality(80.0))

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Never called."""
        raise NotImplementedError

    async def search(self, probe: Sample, gallery: str, limit: int, token: ConsistencyToken, timeout_s: float) -> Found:
        """The subjects of highest score."""
        if limit > self.longest:
            raise ServiceUnavailable("Too slow.")
        best = sorted(self.scores, key=lambda subject_id: (-self.scores[subject_id], subject_id))[:limit]
        return Found(await self.score(probe, best, token, timeout_s), len(self.scores))

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Hits of the subjects that have a reference."""
        self.compared.update(subject_ids)
        return [Hit(i, self.scores[i], Position.FACE, 1) for i in subject_ids if i in self.scores]


def everybody(world: Mapping[Modality, Scores]) -> Scores:
    """The fused LLR of every subject, compared with all samples."""
    llrs = {
        modality: dict(zip(scores, calibration(modality).llr(list(scores.values())), strict=True))
        for modality, scores in world.items()
    }
    ids = {subject_id for scores in world.values() for subject_id in scores}
    return {i: sum(of_all[i] for of_all in llrs.values() if i in of_all) for i in ids}


async def searched(world: Mapping[Modality, Scores], longest: int = 1000) -> tuple[Identification, set[str]]:
    """The answer, and the ids of the subjects compared."""
    store = MemoryStore(subjects={i: Subject(i, ("default",), ()) for i in everybody(world)})
    services = {modality: ScoreMatcher(modality, scores, longest) for modality, scores in world.items()}
    samples = tuple(sample(modality, "probe") for modality in world)
    found = await identify(IdentificationRequest(samples, limit=100), services, store, model(), 1.0)
    return found, set.union(*(service.compared for service in services.values()))


def random_world(seed: int, subject_count: int, mated: float) -> dict[Modality, Scores]:
    """Subjects of whom 3 in 10 lack a modality, non-mated LLRs about -2.5, one mated subject about `mated`."""
    rng = np.random.default_rng(seed)
    return {
        modality: {
            f"s{number:05}": float(rng.normal(mated if number == 77 else -2.5, 1.5))
            for number in range(subject_count)
            if rng.random() < 0.7
        }
        for modality in Modality
    }


@pytest.mark.parametrize("subject_count", [50, 100, 900, 6000])
@pytest.mark.parametrize("mated", [-2.5, 0.0, 1.0, 2.0, 4.0])
@pytest.mark.parametrize("seed", range(3))
async def test_as_good_as_exhaustive(seed: int, mated: float, subject_count: int) -> None:
    """Candidates, order and LLRs are those of comparing all, and no subject left out is above the bound."""
    world = random_world(seed, subject_count, mated)
    truth = everybody(world)
    found, compared = await searched(world)
    thresholds = found.decision.thresholds
    order = sorted(truth, key=lambda i: (-truth[i], i))
    candidates = [(i, pytest.approx(truth[i])) for i in order if truth[i] >= thresholds.review_llr]
    assert DecisionReason.SEARCH_INCOMPLETE not in found.decision.reasons
    assert candidates == [(each.subject_id, each.decision.llr) for each in found.candidates]
    assert pytest.approx(truth[order[0]] - truth[order[1]]) == found.runner_up_gap_llr
    assert (compared == set(truth)) == (found.unseen_llr is None)
    unseen = max((truth[i] for i in truth if i not in compared), default=-np.inf)
    assert unseen <= (-np.inf if found.unseen_llr is None else found.unseen_llr)


def world_that_hides(depth: int, top: float = 3.0) -> dict[Modality, Scores]:
    """One subject of LLR 2.9 in all three lists, each headed by `depth` others of LLR 3 there and -3 elsewhere."""
    others = {f"{own}-{number}": own for own in Modality for number in range(depth)}
    return {
        modality: {"zoe": top - 0.1, **{i: top if own is modality else -3.0 for i, own in others.items()}}
        for modality in Modality
    }


async def test_the_best_of_the_sum_may_be_far_down_every_list() -> None:
    """A subject that is not among the first 100 of any modality is found, as the bound asks for longer lists."""
    found, _ = await searched(world_that_hides(150))
    assert ("zoe", Outcome.MATCH) == (found.subject_id, found.decision.outcome)


async def test_a_subject_that_may_be_below_every_list_makes_a_review() -> None:
    """If a candidate may be left out of the longest lists, the answer is REVIEW, not NO_MATCH."""
    found, compared = await searched(world_that_hides(1100))
    assert "zoe" not in compared
    assert (Outcome.REVIEW, "") == (found.decision.outcome, found.subject_id)
    assert (DecisionReason.NO_CANDIDATE, DecisionReason.SEARCH_INCOMPLETE) == found.decision.reasons[:2]
    assert pytest.approx(9.0) == found.unseen_llr


async def test_a_short_search_is_not_repeated() -> None:
    """A clear match among many is found by lists of 100, as no subject that was not compared could come close."""
    world = random_world(1, 6000, 5.0)
    found, compared = await searched(world)
    assert "s00077" == found.subject_id
    assert len(compared) <= 300


def world_with_a_hidden_rival(best: float) -> dict[Modality, Scores]:
    """A hidden subject of LLR 8.7, and another subject that is first in every list."""
    return {modality: {**scores, "amy": best / 3} for modality, scores in world_that_hides(150).items()}


@pytest.mark.parametrize(("best", "is_compared"), [(9.8, True), (10.1, False)])
async def test_a_rival_that_may_come_close_is_searched_for(best: float, is_compared: bool) -> None:  # noqa: FBT001
    """The bound is 9: a best LLR below 10 needs longer lists, as a gap under 1 would be a REVIEW."""
    found, compared = await searched(world_with_a_hidden_rival(best))
    assert ("amy", is_compared) == (found.subject_id, "zoe" in compared)


async def test_if_longer_lists_fail_the_shorter_ones_answer() -> None:
    """If the longer search fails, the answer is that of the first lists, with SEARCH_INCOMPLETE."""
    found, _ = await searched(world_with_a_hidden_rival(9.8), longest=100)
    assert ("amy", Outcome.REVIEW) == (found.subject_id, found.decision.outcome)
    assert DecisionReason.SEARCH_INCOMPLETE in found.decision.reasons
    assert DecisionReason.SERVICE_UNAVAILABLE not in found.decision.reasons


async def test_lists_that_hold_all_subjects_leave_none_unseen() -> None:
    """100 subjects fit into lists of 100, so there is no bound for unseen ones."""
    found, _ = await searched(world_that_hides(33))
    assert ("zoe", None) == (found.subject_id, found.unseen_llr)


async def test_unobtained_evidence_counts_for_unseen_subjects_too() -> None:
    """With the face service down, the answer is REVIEW if a face might add 3 to the LLR 2 of an unseen subject.

    Of those compared none could be a candidate with its face, as what is for it in one list is against it in the other.
    """
    world = world_that_hides(1100, top=1.0)
    store = MemoryStore(subjects={i: Subject(i, ("default",), ()) for i in everybody(world)})
    services = {modality: ScoreMatcher(modality, scores) for modality, scores in world.items()}
    services[Modality.FACE].longest = 0
    face = replace(calibration(Modality.FACE), effective_non_mated_count=3_000, fmr_log10=(0.0, -3.0))
    rule = replace(model(), calibrations={**model().calibrations, face.comparator_id: face})
    samples = tuple(sample(modality, "probe") for modality in world)
    found = await identify(IdentificationRequest(samples), services, store, rule, 1.0)
    assert (Outcome.REVIEW, "") == (found.decision.outcome, found.subject_id)
    assert (DecisionReason.NO_CANDIDATE, DecisionReason.SERVICE_UNAVAILABLE) == (
        found.decision.reasons[0],
        found.decision.reasons[-1],
    )
