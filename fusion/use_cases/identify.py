"""Use case "identify": searches a gallery with every sample, completes the lists by comparison, ranks and decides."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from fusion.models.model import FusionModel
from fusion.ranking.counted import searches_counted
from fusion.ranking.identification import Identification, answer
from fusion.ranking.ranking import Asked
from fusion.ranking.whole_search import search_and_rank
from fusion.requests.parallel import computed
from fusion.samples.enrolled_probe import EnrolledProbe
from fusion.samples.probes import Matchers
from fusion.use_cases.sought import Sought, check_one_source, probes_of_samples, sought_enrolled, told_of
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Missing, check_id
from infra.deadlines import Deadline
from infra.telemetry.metrics.stages import FUSION, stage

MAX_CANDIDATES = 100
DEFAULT_CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class IdentificationRequest:
    """A gallery to search with samples of one person, and the error rate to decide at.

    Args:
        samples: 1–64; none if an enrolled encounter is searched with.
        missing: positions without a sample.
        gallery: name of the gallery.
        limit: most candidates returned, 1–100; None means 10.
        fpir: false positive identification rate; None means the default.
        token: consistency token of a write that the search must see.
        enrolled_prior: probability, before looking, that the person is enrolled; None means the default.
        enrolled: an enrolled encounter to search with; its subject is left out.

    Raises:
        FieldInvalid: the gallery name has the wrong form, the limit is out of range, or there are both samples and an
            enrolled encounter.
    """

    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()
    gallery: str = DEFAULT_GALLERY
    limit: int | None = None
    fpir: float | None = None
    token: ConsistencyToken = START
    enrolled_prior: float | None = None
    enrolled: EnrolledProbe | None = None

    def __post_init__(self) -> None:
        check_id(self.gallery, "gallery")
        if self.limit is not None and not 1 <= self.limit <= MAX_CANDIDATES:
            raise FieldInvalid("max_candidate_count", f"1 to {MAX_CANDIDATES} is allowed.")
        check_one_source(self.samples, self.enrolled)


async def identify(
    request: IdentificationRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, timeout_s: float
) -> Identification:
    """Identify a person in a gallery.

    1. Extract every sample, or read the references of the enrolled encounter; compare them with each other.
    2. Search the gallery with every template and rank the subjects (`search_and_rank`).
    3. Answer. The subject of an enrolled encounter is in no list and no count.

    Raises:
        AcquisitionFailed, ServiceUnavailable: none of the samples can be searched.
        FieldInvalid: there is no sample, or a rate or prior is out of range.
        GalleryNotFound: nobody was ever enrolled in the gallery, and it is not "default".
        SubjectNotFound, EncounterNotFound: there is no such enrolled encounter.
    """
    deadline = Deadline.after(timeout_s)
    gallery_size = await store.count(request.gallery)
    sought = await _sought(request, matchers, store, model, deadline)
    asked = Asked(sought.missing, request.fpir, request.enrolled_prior, max(0, gallery_size - sought.counted))
    where = await sought.where(request.gallery, request.token, store)
    with told_of(request.enrolled):
        ranking = await search_and_rank(sought.probes, where, asked, matchers, model, deadline)
    with stage(FUSION, "decide"):
        found = await computed(ranking.size, answer, ranking, request.limit or DEFAULT_CANDIDATES)
    searches_counted(ranking, {each.subject_id for each in found.candidates})
    return found


async def _sought(
    request: IdentificationRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, deadline: Deadline
) -> Sought:
    if request.enrolled:
        return await sought_enrolled(
            request.enrolled, request.missing, request.gallery, store, matchers, model, deadline
        )
    return Sought(await probes_of_samples(request.samples, matchers, model, deadline), request.missing)
