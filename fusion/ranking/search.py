"""Every probe's list of the most alike subjects, completed, and what can be said of subjects in no list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from biometrics.errors import InvalidInput, ServiceUnavailable, TemplateModelMismatch
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.matching.matchers import Hit
from fusion.models.model import FusionModel
from fusion.requests.budget import step_s
from fusion.requests.parallel import computed, in_parallel
from fusion.samples.probe_extraction import checked
from fusion.samples.probes import Matchers, Probe, compared
from gallery.store.values import ConsistencyToken
from infra.deadlines import Deadline

SCORED_AT_ONCE = 1000
"""Subjects named in one call of a matching service."""

Parts = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Where:
    """What is searched.

    Args:
        gallery: its name.
        token: a write that must be seen.
    """

    gallery: str
    token: ConsistencyToken


@dataclass(frozen=True, slots=True)
class Searched:
    """One probe against the gallery.

    Args:
        probe: with its template, or the error that came in its place.
        hits: by subject id: those the search returned, later those that were scored besides.
        unseen_score: no subject that the search did not return scores more; None where it returned all.
        subject_count: subjects of the gallery that have a reference of the modality.
        lacking: subjects in other lists that were to be scored, and the service did not answer.
    """

    probe: Probe
    hits: Mapping[str, Hit]
    unseen_score: float | None = None
    subject_count: int = 0
    lacking: frozenset[str] = frozenset()

    def evidence(self, subject_id: str) -> Evidence:
        """Of a subject that has no hit: whether that is known."""
        evidence = self.probe.without_comparison()
        return replace(evidence, status=EvidenceStatus.SERVICE_UNAVAILABLE) if subject_id in self.lacking else evidence


async def search(
    probes: Sequence[Probe],
    where: Where,
    limit: int,
    matchers: Matchers,
    deadline: Deadline,
    known: Sequence[Searched] = (),
) -> list[Searched]:
    """Search with every probe that has a template; then score every subject found with the probes that missed it.

    What has arrived stays, whatever fails after it: a list whose completion fails says which subjects it lacks.

    Args:
        probes: in order.
        where: the gallery.
        limit: most subjects of each search, 1–1,000.
        matchers: the matching services.
        deadline: of the call.
        known: of each probe what a shorter list gave: all of them, or it stands where the longer one fails.
    """
    left_s = step_s(deadline)
    before: Sequence[Searched | None] = known or [None] * len(probes)
    asked = zip(probes, before, strict=True)
    found = await in_parallel(_search(probe, where, limit, matchers, left_s, old) for probe, old in asked)
    parts = await computed(sum(len(each.hits) for each in found) * len(found), _unscored, found)
    left_s = step_s(deadline)
    pairs = zip(found, parts, strict=True)
    return await in_parallel(_complete(each, missed, where, matchers, left_s) for each, missed in pairs)


def unseen_llr(searched: Sequence[Searched], model: FusionModel) -> float:
    """No subject that is in none of the lists has a higher fused LLR than this; -inf where the lists hold all.

    Each list is in order of score, so the lowest score of a list that was cut bounds every subject that is not in it
    (the threshold of Fagin, Lotem and Naor, 2003). Where such a subject has no reference it escapes what that list
    says against it, so only what is for a match is added up; and it has one in some list that was cut, or else it is
    compared with nothing. No chance is charged for.
    """
    bounds = [cut_off(each, model) for each in searched if each.unseen_score is not None]
    if not bounds:
        return -inf
    best = max(bounds, key=lambda each: each.llr)
    return model.llr([each for each in bounds if each.llr > 0.0] or [best])


def cut_off(searched: Searched, model: FusionModel) -> Evidence:
    """The evidence of a score where a list was cut; only of one that was."""
    assert searched.unseen_score is not None
    return compared(searched.probe, [Hit("", searched.unseen_score, searched.probe.position, 1)], model)[0]


async def _search(
    probe: Probe, where: Where, limit: int, matchers: Matchers, timeout_s: float, known: Searched | None
) -> Searched:
    if known and known.unseen_score is None:
        return known
    if not probe.template:
        return Searched(probe, {})
    try:
        found = await matchers[probe.modality].search(probe.as_sample, where.gallery, limit, where.token, timeout_s)
    except ServiceUnavailable as error:
        return known or Searched(probe.failed(error), {})
    except (InvalidInput, TemplateModelMismatch):
        if probe.is_template:
            await checked(probe, matchers, timeout_s)  # raises where the sample is what cannot be compared, and says so
        raise
    lowest = min(hit.score for hit in found.hits) if len(found.hits) >= limit else None
    hits = {hit.subject_id: hit for hit in found.hits}
    return Searched(probe, {**known.hits, **hits} if known else hits, lowest, found.subject_count)


def _unscored(found: Sequence[Searched]) -> list[Parts]:
    """Whom each probe missed that another one found, in parts that one call may name."""
    subject_ids = sorted({subject_id for each in found for subject_id in each.hits})
    missed = [[each for each in subject_ids if each not in of_one.hits] for of_one in found]
    return [[ids[at : at + SCORED_AT_ONCE] for at in range(0, len(ids), SCORED_AT_ONCE)] for ids in missed]


async def _complete(searched: Searched, chunks: Parts, where: Where, matchers: Matchers, timeout_s: float) -> Searched:
    if not (searched.probe.template and chunks):
        return searched
    scored = await in_parallel(_score(searched.probe, each, where, matchers, timeout_s) for each in chunks)
    hits = {hit.subject_id: hit for of_one in scored for hit in of_one or ()}
    lacking = [subject_id for each, of_one in zip(chunks, scored, strict=True) if of_one is None for subject_id in each]
    return replace(searched, hits={**searched.hits, **hits}, lacking=frozenset(lacking))


async def _score(
    probe: Probe, subject_ids: Sequence[str], where: Where, matchers: Matchers, timeout_s: float
) -> Sequence[Hit] | None:
    """The subjects' hits; None where the service does not answer."""
    try:
        return await matchers[probe.modality].score(probe.as_sample, subject_ids, where.token, timeout_s)
    except ServiceUnavailable:
        return None
