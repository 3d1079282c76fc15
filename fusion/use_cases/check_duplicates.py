"""Use case "check duplicates": searches a gallery for other subjects who are the same person."""

from __future__ import annotations

from dataclasses import dataclass

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from fusion.duplicates.found import MOST_CANDIDATES, Duplicates, look_for_duplicates
from fusion.models.model import FusionModel
from fusion.ranking.ranking import Asked
from fusion.samples.enrolled_probe import EnrolledProbe
from fusion.samples.probes import Matchers
from fusion.use_cases.identify import MAX_CANDIDATES
from fusion.use_cases.sought import Sought, check_one_source, probes_of_samples, sought_enrolled, told_of
from gallery.store.port import SubjectStore
from gallery.store.values import START, ConsistencyToken
from gallery.subject import DEFAULT_GALLERY, Missing, check_id
from infra.deadlines import Deadline


@dataclass(frozen=True, slots=True)
class DuplicatesRequest:
    """A gallery to search for duplicates of a person, and the error rate to decide at.

    Args:
        samples: 1–64; none if an enrolled encounter is searched with.
        missing: positions without a sample.
        gallery: name of the gallery.
        enrolled: an enrolled encounter to search with; its subject is no duplicate.
        subject_id: a subject that is no duplicate; "" if there is none.
        limit: most candidates returned, 1–100; None means 20.
        fpir: false positive identification rate; None means the default.
        token: consistency token of a write that the search must see.

    Raises:
        FieldInvalid: an id has the wrong form, the limit is out of range, or there are both samples and an enrolled
            encounter.
    """

    samples: tuple[Sample, ...]
    missing: tuple[Missing, ...] = ()
    gallery: str = DEFAULT_GALLERY
    enrolled: EnrolledProbe | None = None
    subject_id: str = ""
    limit: int | None = None
    fpir: float | None = None
    token: ConsistencyToken = START

    def __post_init__(self) -> None:
        check_id(self.gallery, "gallery")
        if self.subject_id:
            check_id(self.subject_id, "subject_id")
        if self.limit is not None and not 1 <= self.limit <= MAX_CANDIDATES:
            raise FieldInvalid("max_candidate_count", f"1 to {MAX_CANDIDATES} is allowed.")
        check_one_source(self.samples, self.enrolled)


async def check_duplicates(
    request: DuplicatesRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, timeout_s: float
) -> Duplicates:
    """Search for other subjects of a gallery who are the same person. Raises as `identify`."""
    deadline = Deadline.after(timeout_s)
    gallery_size = await store.count(request.gallery)
    sought = await _sought(request, matchers, store, model, deadline)
    asked = Asked(sought.missing, request.fpir, None, max(0, gallery_size - sought.counted))
    where = await sought.where(request.gallery, request.token, store)
    limit = request.limit or MOST_CANDIDATES
    with told_of(request.enrolled):
        return await look_for_duplicates(sought.probes, where, asked, matchers, model, deadline, limit)


async def _sought(
    request: DuplicatesRequest, matchers: Matchers, store: SubjectStore, model: FusionModel, deadline: Deadline
) -> Sought:
    if request.enrolled:
        sought = await sought_enrolled(
            request.enrolled, request.missing, request.gallery, store, matchers, model, deadline
        )
    else:
        sought = Sought(await probes_of_samples(request.samples, matchers, model, deadline), request.missing)
    if not request.subject_id:
        return sought
    own = (await store.get_many([request.subject_id])).get(request.subject_id)
    return sought.without(own, request.gallery) if own else sought
