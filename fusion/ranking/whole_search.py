"""Searches a gallery with all probes and ranks whom it finds; looks further where others could change the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from biometrics.template import Modality, Position
from fusion.models.model import FusionModel
from fusion.ranking.ranking import Asked, Ranking, rank
from fusion.ranking.search import Where, search
from fusion.requests.parallel import computed
from fusion.samples.probes import Matchers, Probe, require_usable
from infra.deadlines import Deadline
from infra.telemetry.metrics.stages import FUSION, stage

SEARCH_LIMITS = (100, 1000)
"""Most subjects of each probe's search; the second if a subject that the first search left out could matter."""


async def search_and_rank(
    probes: Sequence[Probe],
    where: Where,
    asked: Asked,
    matchers: Matchers,
    model: FusionModel,
    deadline: Deadline,
    *,
    may_fail: bool = False,
) -> Ranking:
    """Rank the subjects of a gallery.

    1. Search with every template; compare every template with the subjects that only the others found.
    2. Fuse each subject's evidence, rank, and decide at the FPIR for the gallery's size.
    3. If a subject that is in no list could change the answer, repeat with longer lists.
    4. If nobody is a MATCH and several positions of a modality were stated, search once more in all positions: a
       subject whose eyes or fingers match in swapped positions becomes a candidate for REVIEW.

    Args:
        probes: at least one with a template, compared with each other.
        where: the gallery.
        asked: parameters of the identification.
        matchers: the matching services.
        model: the fusion model.
        deadline: deadline of the call.
        may_fail: whether a ranking of nobody is returned if no service answers; else that is an error.

    Raises:
        ServiceUnavailable, DeadlineExpired: none of the samples can be searched, unless `may_fail`.
        FieldInvalid: a rate is out of range.
    """
    searched = await search(probes, where, SEARCH_LIMITS[0], matchers, deadline)
    found = [each.probe for each in searched]
    if not may_fail:
        require_usable(found)
    ranking = rank(searched, asked, model)
    with stage(FUSION, "rank"):
        is_incomplete = await computed(ranking.size, lambda: ranking.is_incomplete)
    if is_incomplete:
        ranking = rank(await search(found, where, SEARCH_LIMITS[1], matchers, deadline, searched), asked, model)
    confusable = _confusable(found)
    if confusable and not await computed(ranking.size, lambda: ranking.has_match):
        crossed = rank(await search(confusable, where, SEARCH_LIMITS[0], matchers, deadline), asked, model)
        ranking = crossed if await computed(crossed.size, lambda: crossed.is_swapped) else ranking
    return ranking


def _confusable(probes: Sequence[Probe]) -> list[Probe]:
    """The probes for step 4: those of modalities with several stated positions search all positions; else none."""
    stated: dict[Modality, set[Position]] = {}
    for probe in probes:
        if probe.template and probe.position is not Position.UNKNOWN:
            stated.setdefault(probe.modality, set()).add(probe.position)
    several = {modality for modality, positions in stated.items() if len(positions) > 1}
    return [replace(probe, any_position=probe.modality in several) for probe in probes] if several else []
