"""Searches a gallery with every probe, completes the lists by comparison, and bounds subjects that are in no list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from biometrics.errors import ServiceUnavailable
from biometrics.template import Modality
from fusion.evidence.evidence import Evidence, EvidenceStatus
from fusion.matching.matchers import Hit
from fusion.requests.budget import step_s
from fusion.requests.parallel import computed, in_parallel
from fusion.samples.probe_extraction import checked, not_of_the_request
from fusion.samples.probes import Matchers, Probe
from gallery.store.values import ConsistencyToken
from gallery.subject import Subject
from infra.deadlines import Deadline
from infra.telemetry.metrics.stages import stage_of_fusion
from infra.wire.field_paths import OF_A_FIELD

SCORED_AT_ONCE = 1000
"""Most subjects named in one call of a matching service."""

MOST_LISTED = 1000
"""Most subjects that a matching service returns."""

Parts = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A subject that is not searched for, e.g. as the samples are its own.

    Args:
        subject_id: its id.
        modalities: modalities of its active references; empty unless it is in the gallery.
    """

    subject_id: str
    modalities: frozenset[Modality] = frozenset()


def left_out_of(gallery: str, subject: Subject) -> LeftOut:
    """What a search in a gallery leaves out with this subject."""
    is_in = gallery in subject.galleries
    modalities = frozenset(each.modality for each in subject.active_references) if is_in else frozenset()
    return LeftOut(subject.subject_id, modalities)


@dataclass(frozen=True, slots=True)
class Where:
    """The gallery to search, and how recent its index must be.

    Args:
        gallery: name of the gallery.
        token: consistency token of a write that the search must see.
        left_out: subjects that are left out of all lists and counts.
    """

    gallery: str
    token: ConsistencyToken
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Searched:
    """One probe's list of subjects.

    Args:
        probe: the probe, with its template or the error in its place.
        hits: hits by subject id: those that the search returned, and those that were scored to complete the list.
        unseen_score: the lowest score that the search returned, which no other subject exceeds; None if it returned
            all subjects.
        subject_count: subjects of the gallery that have a reference of the modality.
        lacking: subjects of other lists that the service failed to score.
        is_whole: whether the whole gallery was searched; if not, `unseen_score` is None and bounds nobody.
        unseen_of: if the list has scores of another comparator than that of the modality's own model, the lowest score
            of each comparator by its id; else empty.
    """

    probe: Probe
    hits: Mapping[str, Hit]
    unseen_score: float | None = None
    subject_count: int = 0
    lacking: frozenset[str] = frozenset()
    is_whole: bool = True
    unseen_of: Mapping[str, float] = field(default_factory=dict)

    def evidence(self, subject_id: str) -> Evidence:
        """Evidence about a subject that has no hit: SERVICE_UNAVAILABLE if the service failed to score it."""
        evidence = self.probe.without_comparison()
        return replace(evidence, status=EvidenceStatus.SERVICE_UNAVAILABLE) if subject_id in self.lacking else evidence


@stage_of_fusion("search")
async def search(
    probes: Sequence[Probe],
    where: Where,
    limit: int,
    matchers: Matchers,
    deadline: Deadline,
    known: Sequence[Searched] = (),
) -> list[Searched]:
    """Search with every probe that has a template; then score each subject found with the probes that did not find it.

    Results are kept even if a later call fails: a list that could not be completed names the subjects it lacks.

    Args:
        probes: in the order of the samples.
        where: the gallery.
        limit: most subjects of each search, 1–1,000.
        matchers: the matching services.
        deadline: deadline of the call.
        known: the lists of an earlier, shorter search, one for each probe. One that has all subjects is used as it is;
            the others are used if the longer search fails.

    Returns:
        The lists, in the order of the probes.
    """
    left_s = step_s(deadline)
    before: Sequence[Searched | None] = known or [None] * len(probes)
    asked = zip(probes, before, strict=True)
    found = await in_parallel(_search(probe, where, limit, matchers, left_s, old) for probe, old in asked)
    parts = await computed(sum(len(each.hits) for each in found) * len(found), _unscored, found)
    left_s = step_s(deadline)
    pairs = zip(found, parts, strict=True)
    return await in_parallel(_complete(each, missed, where, matchers, left_s) for each, missed in pairs)


async def _search(
    probe: Probe, where: Where, limit: int, matchers: Matchers, timeout_s: float, known: Searched | None
) -> Searched:
    if known and known.unseen_score is None and known.is_whole:
        return known
    if not probe.template:
        return Searched(probe, {})
    left_out = {each.subject_id for each in where.left_out}
    asked = min(limit + len(left_out), MOST_LISTED) if left_out else limit  # as they may be in the list
    try:
        found = await matchers[probe.modality].search(probe.as_sample, where.gallery, asked, where.token, timeout_s)
    except ServiceUnavailable as error:
        return known or Searched(probe.failed(error), {})
    except OF_A_FIELD as error:
        if probe.is_template:
            # if the sample is at fault, this raises an error that names it
            await checked(probe, matchers, timeout_s)
        raise not_of_the_request(error) from error.__cause__
    is_whole = found.unsearched_count == 0
    lowest = min(hit.score for hit in found.hits) if is_whole and len(found.hits) >= asked else None
    hits = {hit.subject_id: hit for hit in found.hits if hit.subject_id not in left_out}
    others = found.subject_count - sum(probe.modality in each.modalities for each in where.left_out)
    count = max(others, len(hits))
    return Searched(
        probe,
        {**known.hits, **hits} if known else hits,
        lowest,
        count,
        is_whole=is_whole,
        unseen_of={} if lowest is None else lowest_of_each(found.hits),
    )


def lowest_of_each(hits: Sequence[Hit]) -> dict[str, float]:
    """The lowest score by each comparator."""
    lowest: dict[str, float] = {}
    for hit in hits:
        lowest[hit.comparator_id] = min(hit.score, lowest.get(hit.comparator_id, inf))
    return lowest


def _unscored(found: Sequence[Searched]) -> list[Parts]:
    """For each probe the subjects that only other probes found, in parts small enough for one call."""
    subject_ids = sorted({subject_id for each in found for subject_id in each.hits})
    missed = [[each for each in subject_ids if each not in of_one.hits] for of_one in found]
    return list(map(in_chunks, missed))


def in_chunks(ids: Sequence[str]) -> Parts:
    """The ids in parts small enough for one call."""
    return [ids[at : at + SCORED_AT_ONCE] for at in range(0, len(ids), SCORED_AT_ONCE)]


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
    """The hits of these subjects; None if the service does not answer."""
    try:
        return await matchers[probe.modality].score(probe.as_sample, subject_ids, where.token, timeout_s)
    except ServiceUnavailable:
        return None
