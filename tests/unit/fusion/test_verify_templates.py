"""Verifying samples that are templates: each is compared once, and a faulty one is still named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from biometrics.errors import BiofusionError, ServiceUnavailable, TemplateMalformed
from biometrics.sample import Sample
from biometrics.template import Modality, Position, Template
from fusion.decision.decision import Outcome
from fusion.evidence.evidence import EvidenceStatus
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.verify import VerificationRequest, verify
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID, FakeMatcher, model, template

LEFT, RIGHT = Position.LEFT_EYE, Position.RIGHT_EYE


@dataclass
class Counting(FakeMatcher):
    """Records what is compared, and refuses the template of `broken`."""

    compared: list[tuple[bytes, tuple[bytes, ...]]] = field(default_factory=list)

    async def compare(self, probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        """Scores by name."""
        self.compared.append((probe.data, tuple(each.data for each in references)))
        if probe.data == b"broken":
            raise TemplateMalformed("Nothing can be read.")
        return await super().compare(probe, references, timeout_s)


def face(who: str) -> Sample:
    """A template of a face."""
    return Sample(Modality.FACE, Position.FACE, template(Modality.FACE, who))


def eye(who: str, position: Position = LEFT) -> Sample:
    """A template of an eye."""
    return Sample(Modality.IRIS, position, template(Modality.IRIS, who))


async def world() -> tuple[MemoryStore, dict[Modality, Counting]]:
    """Ann is enrolled with her face and left eye; the comparisons of the enrolment are not recorded."""
    store = MemoryStore()
    services = {modality: Counting(modality, store) for modality in Modality}
    request = EnrolmentRequest(UUID.format(1), "ann", (), "", (face("ann"), eye("ann")), (), add_encounter=False)
    await enroll(request, services, store, 1.0)
    for service in services.values():
        service.compared.clear()
    return store, services


async def test_each_template_is_compared_once() -> None:
    """A template is compared with the references only, and not with itself before."""
    store, services = await world()
    decision = await verify(VerificationRequest("ann", (face("ann"), eye("ann"))), services, store, model(), 1.0)
    assert (Outcome.MATCH, pytest.approx(10.0)) == (decision.outcome, decision.llr)
    assert [(b"ann", (b"ann",))] == services[Modality.FACE].compared == services[Modality.IRIS].compared


@pytest.mark.parametrize("position", [LEFT, RIGHT])
async def test_a_template_that_cannot_be_read_is_named(position: Position) -> None:
    """A template that cannot be read is refused, naming its place in the request, with or without references."""
    store, services = await world()
    request = VerificationRequest("ann", (face("ann"), eye("broken", position)))
    with pytest.raises(TemplateMalformed) as caught:
        await verify(request, services, store, model(), 1.0)
    assert ("samples[1]", "samples[1]") == (caught.value.metadata["sample"], caught.value.metadata["field"])


async def test_a_reference_that_cannot_be_compared_is_not_blamed_on_the_sample() -> None:
    """If the sample can be compared with itself, the error names no sample."""
    store, services = await world()
    ann = store.subjects["ann"].encounters[0].references[0].template
    object.__setattr__(ann, "data", b"rotten")

    async def refuse(probe: Template, references: Sequence[Template], timeout_s: float) -> list[float]:
        if any(each.data == b"rotten" for each in references):
            raise TemplateMalformed("Nothing can be read.")
        return [1.0]

    services[Modality.FACE].compare = refuse  # type: ignore[method-assign]
    with pytest.raises(BiofusionError) as caught:
        await verify(VerificationRequest("ann", (face("bob"),)), services, store, model(), 1.0)
    assert "sample" not in caught.value.metadata


@pytest.mark.parametrize("position", [LEFT, RIGHT])
async def test_a_service_that_is_down_is_stated_for_templates_too(position: Position) -> None:
    """Its samples are SERVICE_UNAVAILABLE, with references or without; if there are no other samples it is an error."""
    store, services = await world()
    services[Modality.IRIS].error = ServiceUnavailable("down")
    eyes = (eye("ann", position),)
    decision = await verify(VerificationRequest("ann", (face("ann"), *eyes)), services, store, model(), 1.0)
    assert {EvidenceStatus.COMPARED, EvidenceStatus.SERVICE_UNAVAILABLE} <= {each.status for each in decision.evidence}
    with pytest.raises(ServiceUnavailable):
        await verify(VerificationRequest("ann", eyes), services, store, model(), 1.0)
