"""Every probe's list of the most alike subjects, completed, and what can be said of subjects in no list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from biometrics.errors import ServiceUnavailable
from fusion.matchers import Hit
from fusion.model import FusionModel
from fusion.parallel import in_parallel
from fusion.probes import Matchers, Probe, compared
from gallery.store import ConsistencyToken

SCORED_AT_ONCE = 1000
"""Subjects named in one call of a matching service."""


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
    """

    probe: Probe
    hits: Mapping[str, Hit]
    unseen_score: float | None = None
    subject_count: int = 0


async def search(
    probes: Sequence[Probe], where: Where, limit: int, matchers: Matchers, timeout_s: float
) -> list[Searched]:
    """Search with every probe that has a template; then score every subject found with the probes that missed it.

    Args:
        probes: in order.
        where: the gallery.
        limit: most subjects of each search, 1–1,000.
        matchers: the matching services.
        timeout_s: of all of it.
    """
    found = await in_parallel(_search(probe, where, limit, matchers, timeout_s * 0.6) for probe in probes)
    subject_ids = sorted({subject_id for each in found for subject_id in each.hits})
    return await in_parallel(_complete(each, subject_ids, where, matchers, timeout_s * 0.4) for each in found)


def unseen_llr(searched: Sequence[Searched], model: FusionModel) -> float:
    """No subject that is in none of the lists has a higher fused LLR than this; -inf where the lists hold all.

    Each list is in order of score, so the lowest score of a list that was cut bounds every subject that is not in it
    (the threshold of Fagin, Lotem and Naor, 2003). Where such a subject has no reference it escapes what that list
    says against it, so only what is for a match is added up; and it has one in some list that was cut, or else it is
    compared with nothing. No chance is charged for.
    """
    bounds = [
        compared(each.probe, [Hit("", each.unseen_score, each.probe.position, 1)], model)[0]
        for each in searched
        if each.unseen_score is not None
    ]
    if not bounds:
        return -inf
    best = max(bounds, key=lambda each: each.llr)
    return model.llr([each for each in bounds if each.llr > 0.0] or [best])


async def _search(probe: Probe, where: Where, limit: int, matchers: Matchers, timeout_s: float) -> Searched:
    if not probe.template:
        return Searched(probe, {})
    try:
        found = await matchers[probe.modality].search(probe.as_sample, where.gallery, limit, where.token, timeout_s)
    except ServiceUnavailable as error:
        return Searched(probe.failed(error), {})
    lowest = min(hit.score for hit in found.hits) if len(found.hits) >= limit else None
    return Searched(probe, {hit.subject_id: hit for hit in found.hits}, lowest, found.subject_count)


async def _complete(
    searched: Searched, subject_ids: Sequence[str], where: Where, matchers: Matchers, timeout_s: float
) -> Searched:
    unscored = [subject_id for subject_id in subject_ids if subject_id not in searched.hits]
    if not (searched.probe.template and unscored):
        return searched
    matcher = matchers[searched.probe.modality]
    chunks = [unscored[start : start + SCORED_AT_ONCE] for start in range(0, len(unscored), SCORED_AT_ONCE)]
    try:
        scored = await in_parallel(
            matcher.score(searched.probe.as_sample, each, where.token, timeout_s) for each in chunks
        )
    except ServiceUnavailable as error:
        return Searched(searched.probe.failed(error), {})
    return replace(searched, hits={**searched.hits, **{hit.subject_id: hit for hits in scored for hit in hits}})
