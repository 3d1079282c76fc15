"""Whom a search is for: samples or an enrolled encounter as probes, and the subject that is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from biometrics.errors import FieldInvalid
from biometrics.sample import Sample
from fusion.models.model import FusionModel
from fusion.ranking.search import LeftOut, Where, left_out_of
from fusion.requests.budget import step_s
from fusion.samples.enrolled_probe import EnrolledProbe, probes_of
from fusion.samples.mutual import compared_with_each_other
from fusion.samples.probe_extraction import extract_probes
from fusion.samples.probes import Matchers, Probe, require_usable
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken
from gallery.subject import Missing, Subject
from infra.deadlines import Deadline
from infra.identity.remarks import remark
from infra.wire.field_paths import OF_A_FIELD, relocated


@dataclass(frozen=True, slots=True)
class Sought:
    """The probes of a search.

    Args:
        probes: at least one with a template; those of one modality are compared with each other.
        missing: positions without a sample.
        left_out: the subjects that are left out.
        counted: how many of these the gallery counts.
    """

    probes: Sequence[Probe]
    missing: tuple[Missing, ...]
    left_out: tuple[LeftOut, ...] = ()
    counted: int = 0

    def without(self, subject: Subject, gallery: str) -> Sought:
        """The same, with one more subject left out of a gallery."""
        if any(each.subject_id == subject.subject_id for each in self.left_out):
            return self
        left_out = (*self.left_out, left_out_of(gallery, subject))
        return replace(self, left_out=left_out, counted=self.counted + (gallery in subject.galleries))

    async def where(self, gallery: str, token: ConsistencyToken, store: SubjectStore) -> Where:
        """Where to search for them: in a state not before the token's, or not before the present one."""
        used = token or await store.origin()
        remark(token=used)
        return Where(gallery, used, self.left_out)


@contextmanager
def told_of(enrolled: EnrolledProbe | None) -> Iterator[None]:
    """Context of a search: an error of a template of an enrolled encounter names the field that stands for it."""
    try:
        yield
    except OF_A_FIELD as error:
        raise relocated(error, "samples", "enrolled_probe") if enrolled else error  # noqa: B904  # the same error


def check_one_source(samples: Sequence[Sample], enrolled: EnrolledProbe | None) -> None:
    """Check that a request does not have samples and an enrolled encounter.

    Raises:
        FieldInvalid: it has both.
    """
    if samples and enrolled:
        raise FieldInvalid("enrolled_probe", "send either samples or an enrolled encounter, not both.")


async def probes_of_samples(
    samples: Sequence[Sample], matchers: Matchers, model: FusionModel, deadline: Deadline
) -> list[Probe]:
    """Extract the samples, and compare them with each other.

    Raises:
        AcquisitionFailed, ServiceUnavailable: none of the samples has a template.
        FieldInvalid: there is no sample, or too many.
    """
    probes = await extract_probes(samples, matchers, step_s(deadline), check_templates=False)
    require_usable(probes)
    return await compared_with_each_other(probes, matchers, model, step_s(deadline))


async def sought_enrolled(
    enrolled: EnrolledProbe,
    missing: Sequence[Missing],
    gallery: str,
    store: SubjectStore,
    matchers: Matchers,
    model: FusionModel,
    deadline: Deadline,
) -> Sought:
    """An enrolled encounter as probes; its subject is left out.

    Raises:
        SubjectNotFound: no such subject.
        EncounterNotFound: the subject has no such encounter, or no active one.
        PreconditionFailed: the encounter is INACTIVE, or has no references.
    """
    subject = await store.get(enrolled.subject_id)
    encounter = enrolled.encounter_of(subject)
    probes = probes_of(encounter.references)
    stated = {(each.modality, each.position): each for each in (*encounter.missing, *missing)}
    probes = await compared_with_each_other(_some(probes, enrolled), matchers, model, step_s(deadline))
    return Sought(probes, tuple(stated.values())).without(subject, gallery)


def _some(probes: Sequence[Probe], enrolled: EnrolledProbe) -> Sequence[Probe]:
    if probes:
        return probes
    raise FieldInvalid("enrolled_probe", f"the encounter of subject {enrolled.subject_id} has no references.")
