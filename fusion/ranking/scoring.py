"""Scores named subjects with every probe, without a search: those that were enrolled while one ran."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import ServiceUnavailable
from fusion.ranking.search import Searched, Where, in_chunks
from fusion.requests.budget import step_s
from fusion.requests.parallel import in_parallel
from fusion.samples.probes import Matchers, Probe
from infra.deadlines import Deadline


async def score_all(
    probes: Sequence[Probe], subject_ids: Sequence[str], where: Where, matchers: Matchers, deadline: Deadline
) -> list[Searched]:
    """Score exactly these subjects with every probe that has a template.

    Args:
        probes: in the order of the samples.
        subject_ids: the subjects, none of them twice; those to leave out are left out.
        where: how recent the index must be, and whom to leave out.
        matchers: the matching services.
        deadline: deadline of the call.

    Returns:
        A list for each probe; a probe whose service does not answer has the error in place of its template.
    """
    left_s = step_s(deadline)
    left_out = {each.subject_id for each in where.left_out}
    wanted = [each for each in subject_ids if each not in left_out]
    return await in_parallel(_scored(probe, wanted, where, matchers, left_s) for probe in probes)


async def _scored(
    probe: Probe, subject_ids: Sequence[str], where: Where, matchers: Matchers, timeout_s: float
) -> Searched:
    if not probe.template:
        return Searched(probe, {})
    score = matchers[probe.modality].score
    try:
        found = await in_parallel(
            score(probe.as_sample, each, where.token, timeout_s) for each in in_chunks(subject_ids)
        )
    except ServiceUnavailable as error:
        return Searched(probe.failed(error), {})
    hits = {hit.subject_id: hit for of_one in found for hit in of_one}
    return Searched(probe, hits, subject_count=len(hits))
