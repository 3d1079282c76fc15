from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from biometrics.errors import ServiceUnavailable
from biometrics.sample import Sample
from biometrics.template import Modality
from fusion.evidence.evidence import EvidenceStatus
from fusion.matching.matchers import Hit
from fusion.ranking.search import SCORED_AT_ONCE, LeftOut, Where, search
from fusion.samples.probes import Probe
from gallery.store.values import START, ConsistencyToken
from infra.deadlines import Deadline
from tests.unit.fusion.test_exhaustive import ScoreMatcher
from tests.unit.fusion.world import sample, template

WHERE = Where("default", START)


@dataclass
class FailingMatcher(ScoreMatcher):
    """A Matcher that fails a scoring call which names a subject that it `dreads`."""

    dreads: str = ""

    async def score(
        self, probe: Sample, subject_ids: Sequence[str], token: ConsistencyToken, timeout_s: float
    ) -> list[Hit]:
        """Hits of the subjects that have a reference."""
        if self.dreads in subject_ids:
            raise ServiceUnavailable("No answer in time.")
        return await super().score(probe, subject_ids, token, timeout_s)


def probe_of(modality: Modality) -> Probe:
    """A probe with a template."""
    return Probe(sample(modality, "probe"), template(modality, "probe"))


async def test_what_arrived_before_a_scoring_failed_is_kept() -> None:
    """If one call of a completion fails, the list and the other calls' hits are kept; only its subjects are lacking."""
    ids = [f"s{number:05}" for number in range(2 * SCORED_AT_ONCE)]
    face = FailingMatcher(Modality.FACE, {"first": 5.0, ids[0]: 1.0}, longest=5000, dreads=ids[-1])
    iris = ScoreMatcher(Modality.IRIS, dict.fromkeys(ids, 2.0), longest=5000)
    services = {Modality.FACE: face, Modality.IRIS: iris}
    probes = [probe_of(modality) for modality in services]
    by_face, _ = await search(probes, WHERE, len(ids), services, Deadline.after(60.0))
    assert {"first", ids[0]} == set(by_face.hits)
    assert set(ids[SCORED_AT_ONCE + 1 :]) == by_face.lacking
    statuses = [by_face.evidence(each).status for each in (ids[1], ids[-1])]
    assert [EvidenceStatus.REFERENCE_MISSING, EvidenceStatus.SERVICE_UNAVAILABLE] == statuses


async def test_a_complete_list_is_not_searched_again() -> None:
    """Only searches whose list was cut are repeated with a longer list; if that fails, the shorter list is kept."""
    face = ScoreMatcher(Modality.FACE, {"ann": 5.0, "bob": 1.0}, longest=1)
    iris = ScoreMatcher(Modality.IRIS, {"ann": 5.0}, longest=10)
    probes = [probe_of(Modality.FACE), probe_of(Modality.IRIS)]
    services = {Modality.FACE: face, Modality.IRIS: iris}
    first = await search(probes, WHERE, 1, services, Deadline.after(60.0))
    longer = await search(probes, WHERE, 2, services, Deadline.after(60.0), first)
    assert first == longer[:1] + first[1:]
    assert [{"ann"}, {"ann"}] == [set(each.hits) for each in longer]
    assert 5.0 == longer[0].unseen_score


async def test_a_subject_left_out_does_not_shorten_a_list() -> None:
    """A list of one holds the best of the others, and the bound of those in no list is the score of the last returned.

    The subject left out is in no list and no count, and is not scored to complete one.
    """
    face = ScoreMatcher(Modality.FACE, {"ann": 5.0, "bob": 1.0, "cleo": 0.5})
    iris = ScoreMatcher(Modality.IRIS, {"ann": 5.0, "cleo": 2.0, "bob": 1.0})
    services = {Modality.FACE: face, Modality.IRIS: iris}
    where = replace(WHERE, left_out=(LeftOut("ann", frozenset({Modality.FACE, Modality.IRIS})),))
    found = await search([probe_of(each) for each in services], where, 1, services, Deadline.after(60.0))
    assert [{"bob", "cleo"}] * 2 == [set(each.hits) for each in found]
    assert [(1.0, 2), (2.0, 2)] == [(each.unseen_score, each.subject_count) for each in found]


async def test_no_more_are_asked_for_than_a_service_returns() -> None:
    """A search of 1,000 leaves a subject out of 1,000 and does not ask for 1,001."""
    face = ScoreMatcher(Modality.FACE, {f"s{number:04}": 5.0 for number in range(1200)}, longest=1000)
    where = replace(WHERE, left_out=(LeftOut("s0000"),))
    (found,) = await search([probe_of(Modality.FACE)], where, 1000, {Modality.FACE: face}, Deadline.after(60.0))
    assert (999, 5.0) == (len(found.hits), found.unseen_score)
