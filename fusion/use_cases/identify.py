"""Use case "identify": searches a gallery with every sample, completes the lists by comparison, ranks and decides."""

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
"""Most subjects of each probe's search; the second if a subject that the first search left out could matter."""

MAX_CANDIDATES = 100
DEFAULT_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class IdentificationRequest:
    """A gallery to search with samples of one person, and the error rate to decide at.

    Args:
        samples: 1–64.
        missing: positions without a sample.
        gallery: name of the gallery.
        limit: most candidates returned, 1–100; None means 10.
        fpir: false positive identification rate; None means the default.
        token: consistency token of a write that the search must see.
        enrolled_prior: probability, before looking, that the person is enrolled; None means the default.

    Raises:
        FieldInvalid: the gallery name has the wrong form, or the limit is out of range.
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
    """Identify a person in a gallery.

    1. Extract every sample; compare the samples with each other.
    2. Search the gallery with every template.
    3. Compare every template with the subjects that only the other templates found.
    4. Fuse each subject's evidence, rank, and decide at the FPIR for the gallery's size.
    5. If a subject that is in no list could change the answer, repeat steps 2 to 4 with longer lists.
    6. If nobody is a MATCH and several positions of a modality were stated, search once more in all positions: a
       subject whose eyes or fingers match in swapped positions becomes a candidate for REVIEW.

    Raises:
        AcquisitionFailed, ServiceUnavailable: none of the samples can be searched.
        FieldInvalid: there is no sample, or a rate or prior is out of range.
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
    if await computed(ranking.size, lambda: ranking.is_incomplete):
        ranking = rank(await search(found, where, SEARCH_LIMITS[1], matchers, deadline, searched), asked, model)
    confusable = _confusable(found)
    if confusable and not await computed(ranking.size, lambda: ranking.has_match):
        crossed = rank(await search(confusable, where, SEARCH_LIMITS[0], matchers, deadline), asked, model)
        ranking = crossed if await computed(crossed.size, lambda: crossed.is_swapped) else ranking
    return await computed(ranking.size, answer, ranking, request.limit or DEFAULT_CANDIDATES)


def _confusable(probes: Sequence[Probe]) -> list[Probe]:
    """The probes for step 6: those of modalities with several stated positions search all positions; else none."""
    stated: dict[Modality, set[Position]] = {}
    for probe in probes:
        if probe.template and probe.position is not Position.UNKNOWN:
            stated.setdefault(probe.modality, set()).add(probe.position)
    several = {modality for modality, positions in stated.items() if len(positions) > 1}
    return [replace(probe, any_position=probe.modality in several) for probe in probes] if several else []
