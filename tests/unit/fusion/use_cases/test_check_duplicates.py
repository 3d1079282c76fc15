"""fusion.use_cases.check_duplicates: other subjects who are the same person, by samples or an enrolled encounter."""

from __future__ import annotations

from dataclasses import replace
from math import log10
from typing import Any

import pytest

from biometrics.errors import (
    EncounterNotFound,
    FieldInvalid,
    PreconditionFailed,
    ServiceUnavailable,
    SubjectNotFound,
    TemplateModelMismatch,
)
from biometrics.template import Modality, Position
from fusion.decision.decision import DecisionReason, Outcome
from fusion.duplicates.found import Duplicates
from fusion.samples.enrolled_probe import EnrolledProbe, probes_of
from fusion.use_cases.check_duplicates import DuplicatesRequest, check_duplicates
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.identify import IdentificationRequest, identify
from gallery.subject import EncounterState, Reference
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.enrolled_people import samples_of, world
from tests.unit.fusion.world import UUID, FakeMatcher, model, template

Services = dict[Modality, FakeMatcher]


async def enrolled_again(store: MemoryStore, services: Services, subject_id: str, who: str, number: int = 90) -> None:
    """Enrol a person under another id."""
    request = EnrolmentRequest(UUID.format(number), subject_id, (), "", samples_of(who), (), add_encounter=False)
    await enroll(request, services, store, 1.0)


async def checked(store: MemoryStore, services: Services, **asked: Any) -> Duplicates:
    """The answer of a duplicate check."""
    asked.setdefault("samples", ())
    return await check_duplicates(DuplicatesRequest(**asked), services, store, model(), 1.0)


async def test_an_enrolled_subject_is_no_duplicate_of_itself() -> None:
    """A search with an enrolled encounter leaves its subject out of candidates and counts."""
    store, services = await world("ann", "bob", "cleo")
    found = await checked(store, services, enrolled=EnrolledProbe("ann"))
    assert (Outcome.NO_MATCH, (), 2) == (found.decision.outcome, found.candidates, found.subject_count)
    assert pytest.approx(2 + log10(2)) == found.decision.thresholds.match_llr


async def test_two_duplicates_are_a_match() -> None:
    """Several candidates are no doubt that there is a duplicate; the answer says that there are several."""
    store, services = await world("ann", "bob")
    await enrolled_again(store, services, "twin", "ann", 90)
    await enrolled_again(store, services, "triplet", "ann", 91)
    found = await checked(store, services, enrolled=EnrolledProbe("ann"))
    assert ["triplet", "twin"] == [each.subject_id for each in found.candidates]
    assert Outcome.MATCH == found.decision.outcome
    assert [DecisionReason.STRONG_EVIDENCE, DecisionReason.SEVERAL_CANDIDATES] == list(found.decision.reasons[:2])
    by_samples = await checked(store, services, samples=samples_of("ann"), subject_id="ann")
    assert found.candidates == by_samples.candidates


async def test_an_incomplete_search_is_a_review() -> None:
    """If part of the gallery was not searched, the answer is REVIEW, whether anybody was found or not."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].unsearched = 4
    nobody = await checked(store, services, enrolled=EnrolledProbe("ann"))
    assert (Outcome.REVIEW, True) == (nobody.decision.outcome, nobody.is_unfinished)
    await enrolled_again(store, services, "twin", "ann")
    somebody = await checked(store, services, enrolled=EnrolledProbe("ann"))
    assert (Outcome.REVIEW, DecisionReason.SEARCH_INCOMPLETE) == (
        somebody.decision.outcome,
        somebody.decision.reasons[0],
    )
    assert ["twin"] == [each.subject_id for each in somebody.candidates]


async def test_no_match_needs_all_services() -> None:
    """While one service does not answer, nobody is told to be new, even where the others are against everybody."""
    store, services = await world("ann", "bob")
    services[Modality.FACE].error = ServiceUnavailable("down")
    found = await checked(store, services, enrolled=EnrolledProbe("ann"))
    assert (Outcome.REVIEW, DecisionReason.SERVICE_UNAVAILABLE) == (found.decision.outcome, found.decision.reasons[0])


async def test_an_identification_with_an_enrolled_encounter() -> None:
    """An identification leaves the subject out of candidates, runner-up, posteriors and counts."""
    store, services = await world("ann", "bob", "cleo")
    await enrolled_again(store, services, "twin", "ann")
    found = await identify(IdentificationRequest((), enrolled=EnrolledProbe("ann")), services, store, model(), 1.0)
    assert ("twin", Outcome.MATCH, 3) == (found.subject_id, found.decision.outcome, found.subject_count)
    assert found.runner_up_gap_llr is not None
    assert 20.0 < found.runner_up_gap_llr
    assert pytest.approx(1.0, abs=1e-6) == found.candidates[0].posterior + found.none_posterior


async def test_what_cannot_be_searched_with_is_told() -> None:
    """An unknown subject or encounter is not found, an inactive one must be activated, and samples exclude both."""
    store, services = await world("ann")
    with pytest.raises(SubjectNotFound):
        await checked(store, services, enrolled=EnrolledProbe("nobody"))
    with pytest.raises(EncounterNotFound, match="no encounter e9"):
        await checked(store, services, enrolled=EnrolledProbe("ann", "e9"))
    ann = store.subjects["ann"]
    (encounter,) = ann.encounters
    store.subjects["ann"] = replace(ann, encounters=(replace(encounter, state=EncounterState.INACTIVE),))
    with pytest.raises(EncounterNotFound, match="no active encounter"):
        await checked(store, services, enrolled=EnrolledProbe("ann"))
    with pytest.raises(PreconditionFailed, match="INACTIVE") as caught:
        await checked(store, services, enrolled=EnrolledProbe("ann", encounter.encounter_id))
    assert "ENCOUNTER_INACTIVE" == caught.value.reason
    with pytest.raises(FieldInvalid, match="enrolled_probe"):
        await checked(store, services, samples=samples_of("ann"), enrolled=EnrolledProbe("ann"))


async def test_a_subject_that_is_not_enrolled_is_left_out_without_effect() -> None:
    """A subject_id of nobody changes no count: the samples may be of a person who is about to be enrolled."""
    store, services = await world("ann")
    found = await checked(store, services, samples=samples_of("ann"), subject_id="new")
    assert (["ann"], 1) == ([each.subject_id for each in found.candidates], found.subject_count)


def test_references_become_probes_as_they_are_stored() -> None:
    """A measured quality stays measured, a claimed one claimed, and no more are used than a request may have."""
    face = template(Modality.FACE, "ann")
    measured, claimed, unknown = probes_of(
        [
            Reference(Position.FACE, face, 30.0),
            Reference(Position.FACE, face, 40.0, quality_is_claimed=True),
            Reference(Position.FACE, face, None),
        ]
    )
    assert [(30.0, False), (40.0, True), (None, False)] == [
        (each.quality_value, each.quality_is_claimed) for each in (measured, claimed, unknown)
    ]
    assert 10 == len(probes_of([Reference(Position.FACE, face, None)] * 25))


async def test_a_template_of_another_model_is_told_as_the_enrolled_one() -> None:
    """An error about an enrolled template names the field that stands for it, as the request has no samples."""

    class Strict(FakeMatcher):
        async def search(self, *args: object) -> object:  # type: ignore[override]
            raise TemplateModelMismatch("Of another model.", field="probe.template")

        async def compare(self, *args: object) -> object:  # type: ignore[override]
            raise TemplateModelMismatch("Of another model.", field="probe")

    store, services = await world("ann")
    services[Modality.FACE] = Strict(Modality.FACE, store)
    with pytest.raises(TemplateModelMismatch, match="Of another model") as caught:
        await checked(store, services, enrolled=EnrolledProbe("ann"))
    assert "enrolled_probe.template" == caught.value.metadata["field"]
