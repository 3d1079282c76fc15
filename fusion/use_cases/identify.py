"""Who of a gallery is this? Searches every modality, completes what is missing by comparison, ranks, decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from biometrics.template import Modality, Position
from fusion.models.model import FusionModel
from fusion.ranking.identification import Identification, answer
from fusion.ranking.ranking import Asked, rank
from fusion.ranking.search import Where, search
from fusion.requests.budget import step_s
from fusion.requests.parallel import computed
from fusion.samples.mutual import compared_with_each_other
from fusion.samples.probe_extraction import extract_probes
from fusion.samples.probes import Matchers, Probe, require_usable
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Missing, check_id
from infra.deadlines import Deadline

SEARCH_LIMITS = (100, 1000)
"""Subjects taken from each probe's search; the second where one that none of the first returned could matter."""

MAX_CANDIDATES = 100
DEFAULT_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class IdentificationRequest:
    """Whom to look for, where, and how sure to be.

    Args:
        samples: 1–64.
        missing: positions without a sample.
        gallery: "" means "default".
        limit: most candidates returned, 1–100; None means 10.
        fpir: false positive identification rate; None means the default.
        token: a write that must be seen.
        enrolled_prior: probability, before looking, that who is searched for is enrolled; None means the default.

    Raises:
        FieldInvalid: a gallery name or limit that cannot be.
    """

    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()
    gallery: str = DEFAULT_GALLERY
    limit: int | None = None
    fpir: float | None = None
    token: ConsistencyToken = START
    enrolled_prior: float | None = None

    def __post_init__(self) -> None:
        check_id(self.gallery, "gallery")
        if self.limit is not None and not 1 <= self.limit <= MAX_CANDIDATES:
            raise FieldInvalid("max_candidate_count", f"1 to {MAX_CANDIDATES} is allowed.")


async def identify(
    request: IdentificationRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, timeout_s: float
) -> Identification:
    """Search, complete, fuse, decide.

    1. Extract every sample.
    2. Search the gallery with every template.
    3. Score every template against the candidates that only the others returned.
    4. Fuse each candidate's evidence, rank, decide at FPIR over the gallery's size.
    5. Where a subject in none of the lists could change the answer, repeat 2 to 4 with longer lists.
    6. Where nobody is a MATCH and several positions were stated, search once more whatever the position: somebody
       whose eyes, or fingers, are matched crosswise is a candidate for a person to look at.

    Raises:
        AcquisitionFailed, ServiceUnavailable: no sample at all can be searched.
        FieldInvalid: no sample, or a rate or prior out of range.
        GalleryNotFound: nobody was ever enrolled in the gallery, and it is not "default".
    """
    deadline = Deadline.after(timeout_s)
    gallery_size = await store.count(request.gallery)
    probes = await extract_probes(request.samples, matchers, step_s(deadline), check_templates=False)
    require_usable(probes)
    probes = await compared_with_each_other(probes, matchers, model, step_s(deadline))
    where = Where(request.gallery, request.token or await store.origin())
    searched = await search(probes, where, SEARCH_LIMITS[0], matchers, deadline)
    found = [each.probe for each in searched]
    require_usable(found)
    asked = Asked(request.missing, request.fpir, request.enrolled_prior, gallery_size)
    ranking = rank(searched, asked, model)
    if await computed(ranking.size, lambda: ranking.is_open):
        ranking = rank(await search(found, where, SEARCH_LIMITS[1], matchers, deadline, searched), asked, model)
    confusable = _confusable(found)
    if confusable and not await computed(ranking.size, lambda: ranking.has_match):
        crossed = rank(await search(confusable, where, SEARCH_LIMITS[0], matchers, deadline), asked, model)
        ranking = crossed if await computed(crossed.size, lambda: crossed.is_swapped) else ranking
    return await computed(ranking.size, answer, ranking, request.limit or DEFAULT_CANDIDATES)


def _confusable(probes: Sequence[Probe]) -> list[Probe]:
    """All probes, those of a modality with several stated positions to be searched whatever their position; or none."""
    stated: dict[Modality, set[Position]] = {}
    for probe in probes:
        if probe.template and probe.position is not Position.UNKNOWN:
            stated.setdefault(probe.modality, set()).add(probe.position)
    several = {modality for modality, positions in stated.items() if len(positions) > 1}
    return [replace(probe, any_position=probe.modality in several) for probe in probes] if several else []
