"""The fingerprint service, and decisions, with minutiae that others found; on a real server with the real network.

The calibration is a fixture of this test: the shipped one of the own minutiae under the comparator id of foreign ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from biofusion.fingerprint.v1.fingerprint_pb2_grpc import FingerprintServiceStub
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.calibration.score_calibration import Calibration
from biometrics.errors import ComparatorUncalibrated
from biometrics.sample import EncodedImage, Sample
from biometrics.template import Modality, Position, Template
from cli.local.local_matcher import LocalMatcher
from fusion.__main__ import fusion_model
from fusion.decision.decision import Decision
from fusion.evidence.evidence import EvidenceStatus
from fusion.models.model import FusionModel
from fusion.use_cases.enroll import enroll
from fusion.use_cases.enrolment_request import EnrolmentRequest
from fusion.use_cases.identify import IdentificationRequest, identify
from fusion.use_cases.verify import VerificationRequest, verify
from gallery.store.values import Enrolment
from gallery.subject import DEFAULT_GALLERY, Encounter, Reference
from infra.calibrations import load_calibration
from infra.calibrations.pairs import FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, OWN_MINUTIAE, PAIRS
from infra.models.model_cache import asset
from infra.models.supply import ensure_all, ensure_assets
from infra.serving.server import Server
from infra.settings import Settings
from infra.wire import convert
from infra.wire.status import error_info
from infra.workers import Workers
from services.assembly import MatchingService
from services.fingerprint.__main__ import assemble
from tests.support.fakes.memory_store import MemoryStore
from tests.unit.fusion.world import UUID

OWN_COMPARATOR = "fingerprint-elastic-2"
INDEX = Position.RIGHT_INDEX


def with_foreign(comparator_id: str) -> Calibration:
    """The shipped calibrations, and one of foreign minutiae for this test."""
    if comparator_id == FOREIGN_COMPARATOR:
        own = load_calibration(OWN_COMPARATOR)
        return replace(
            own, comparator_id=FOREIGN_COMPARATOR, model_id=FOREIGN_MINUTIAE, quality=None, source="fixture of a test"
        )
    return load_calibration(comparator_id)


def without_foreign(comparator_id: str) -> Calibration:
    """The calibrations of an installation that has none of foreign minutiae."""
    if comparator_id == FOREIGN_COMPARATOR:
        raise ComparatorUncalibrated("none", comparator_id=comparator_id)
    return load_calibration(comparator_id)


@dataclass(frozen=True)
class Running:
    """A running service, its store, and two captures of one finger and one of another as own templates."""

    stub: FingerprintServiceStub
    service: MatchingService
    store: MemoryStore
    first: Template
    second: Template
    other: Template


async def started(load: Any) -> AsyncIterator[Running]:
    """A service with these calibrations."""
    ensure_all()
    ensure_assets()
    store, workers, settings = MemoryStore(), Workers(2, 16), Settings(port=0, log_level="WARNING")
    service = assemble(store, workers, settings, load)
    await service.index.start()
    server = Server(settings, 0)
    await server.start([service.registration])
    async with grpc.aio.insecure_channel(server.address) as channel:
        images = [EncodedImage(asset(f"finger-{number}")) for number in (1, 2, 3)]
        found = [(await service.recognizer.extract(image, INDEX)).template for image in images]
        yield Running(FingerprintServiceStub(channel), service, store, *found)
    await server.stop()
    await service.index.close()
    workers.close()


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    """A service that compares foreign minutiae."""
    async for each in started(with_foreign):
        yield each


@pytest.fixture
async def uncalibrated() -> AsyncIterator[Running]:
    """A service without the calibration of foreign minutiae."""
    async for each in started(without_foreign):
        yield each


def foreign(template: Template) -> Template:
    """The same minutiae as if others had found them."""
    return template.of_model(FOREIGN_MINUTIAE)


def rule() -> FusionModel:
    """The fusion model with the calibration of this test."""
    shipped = fusion_model(Settings())
    calibrations = {**shipped.calibrations, FOREIGN_COMPARATOR: with_foreign(FOREIGN_COMPARATOR)}
    return replace(shipped, calibrations=calibrations, pairs=PAIRS)


async def enrolled(running: Running, subject_id: str, *templates: Template) -> None:
    """Enrol a subject with these references."""
    references = tuple(Reference(INDEX, each, 80.0) for each in templates)
    encounter = Encounter("e1", datetime.now(UTC), references)
    facts = (f"r-{subject_id}", "d", subject_id, (DEFAULT_GALLERY,), encounter)
    receipt = await running.store.enroll(Enrolment(*facts, create_subject=True))
    await running.service.index.wait_for(receipt.token, 30)


async def compared(running: Running, probe: Template, *references: Template) -> list[tuple[str, float]]:
    """Comparator and score of each reference."""
    request = matching_pb2.CompareTemplatesRequest(
        probe=convert.template_to_wire(probe), references=map(convert.template_to_wire, references)
    )
    answer = await running.stub.CompareTemplates(request)
    return [(each.comparator_id, each.score) for each in answer.comparisons]


def wire(template: Template) -> sample_pb2.Sample:
    """A sample of the finger."""
    return convert.sample_to_wire(Sample(Modality.FINGERPRINT, INDEX, template))


async def test_each_pair_of_models_has_its_calibration(running: Running) -> None:
    """The scores are those of the same minutiae; with a foreign template on either side the calibration is foreign."""
    own, other = running.first, running.second
    (_, score), *_ = await compared(running, own, other)
    assert [(OWN_COMPARATOR, score), (FOREIGN_COMPARATOR, score)] == await compared(running, own, other, foreign(other))
    assert [(FOREIGN_COMPARATOR, score)] * 2 == await compared(running, foreign(own), other, foreign(other))


async def test_subjects_are_searched_with_what_they_have(running: Running) -> None:
    """An own or a foreign probe finds mates with own, foreign or both references, best first by LLR."""
    await enrolled(running, "own", running.first)
    await enrolled(running, "foreign", foreign(running.first))
    await enrolled(running, "both", running.other, foreign(running.first))
    await enrolled(running, "nobody", running.other)
    for probe, comparator in ((running.second, OWN_COMPARATOR), (foreign(running.second), FOREIGN_COMPARATOR)):
        request = matching_pb2.SearchGalleryRequest(probe=wire(probe))
        found = await running.stub.SearchGallery(request)
        hits = {each.subject_id: each for each in found.candidates}
        assert (4, 4, "nobody") == (len(hits), found.searched_subject_count, found.candidates[-1].subject_id)
        assert ("own", comparator, OWN_MINUTIAE, 1) == _facts(hits["own"])
        assert ("foreign", FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, 1) == _facts(hits["foreign"])
        assert ("both", FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, 2) == _facts(hits["both"])
        scored = matching_pb2.ScoreSubjectsRequest(probe=wire(probe), subject_ids=[*hits, "unknown"])
        assert list(found.candidates) == list((await running.stub.ScoreSubjects(scored)).candidates)
    info = (await running.stub.GetServiceInfo(matching_pb2.GetServiceInfoRequest())).info
    assert [(OWN_MINUTIAE, OWN_COMPARATOR, 3), (FOREIGN_MINUTIAE, FOREIGN_COMPARATOR, 2)] == [
        (each.model_id, each.comparator_id, each.subject_count) for each in info.compared_models
    ]


def _facts(candidate: matching_pb2.Candidate) -> tuple[str, str, str, int]:
    comparison = candidate.comparison
    return candidate.subject_id, comparison.comparator_id, candidate.reference_model_id, candidate.comparison_count


async def test_decisions_calibrate_each_comparison_by_its_pair(running: Running) -> None:
    """A foreign record is enrolled, verified and identified; evidence states the comparator and model of its pair."""
    matchers = {Modality.FINGERPRINT: LocalMatcher(running.service.recognizer)}
    first, second, other = (
        Sample(Modality.FINGERPRINT, INDEX, each, 80.0)
        for each in (foreign(running.first), running.second, foreign(running.other))
    )
    for number, (name, sample) in enumerate((("ann", first), ("ben", other))):
        request = EnrolmentRequest(UUID.format(number), name, (), "", (sample,), (), add_encounter=False)
        result = await enroll(request, matchers, running.store, 60.0)
    await running.service.index.wait_for(result.token, 30)
    assert FOREIGN_MINUTIAE == running.store.subjects["ann"].active_references[0].template.model_id

    for probe in (second, Sample(Modality.FINGERPRINT, INDEX, foreign(running.second), 80.0)):
        decision = await verify(VerificationRequest("ann", (probe,)), matchers, running.store, rule(), 60.0)
        assert (FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, 1) == _evidence(decision)
        expected = with_foreign(FOREIGN_COMPARATOR).llr([decision.evidence[0].comparison.score])[0]
        assert pytest.approx(float(expected)) == decision.llr > 1.0
        found = await identify(IdentificationRequest((probe,)), matchers, running.store, rule(), 60.0)
        assert ("ann", pytest.approx(decision.llr)) == (found.subject_id, found.decision.llr)
        assert (FOREIGN_COMPARATOR, FOREIGN_MINUTIAE, 1) == _evidence(found.decision)

    await enrolled(running, "cid", foreign(running.other), running.first)
    decision = await verify(VerificationRequest("cid", (second,)), matchers, running.store, rule(), 60.0)
    assert (OWN_COMPARATOR, OWN_MINUTIAE, 2) == _evidence(decision)


def _evidence(decision: Decision) -> tuple[str, str, int]:
    each = decision.evidence[0]
    assert each.comparison is not None
    return each.comparison.comparator_id, each.model_id, each.comparison_count


async def test_references_that_cannot_be_compared_do_not_fail_a_verification(uncalibrated: Running) -> None:
    """They are left out; a subject who has only such references is one without a reference."""
    matchers = {Modality.FINGERPRINT: LocalMatcher(uncalibrated.service.recognizer)}
    await enrolled(uncalibrated, "both", foreign(uncalibrated.first), uncalibrated.first)
    await enrolled(uncalibrated, "foreign", foreign(uncalibrated.first))
    shipped = replace(rule(), pairs={})
    probe = Sample(Modality.FINGERPRINT, INDEX, uncalibrated.second)
    decision = await verify(VerificationRequest("both", (probe,)), matchers, uncalibrated.store, shipped, 60.0)
    assert (OWN_COMPARATOR, OWN_MINUTIAE, 1) == _evidence(decision)
    decision = await verify(VerificationRequest("foreign", (probe,)), matchers, uncalibrated.store, shipped, 60.0)
    assert EvidenceStatus.REFERENCE_MISSING == decision.evidence[0].status


async def test_without_their_calibration_foreign_minutiae_are_refused_by_name(uncalibrated: Running) -> None:
    """The service runs; COMPARATOR_UNCALIBRATED names the field and the calibration that is missing."""
    stub, own, other = uncalibrated.stub, uncalibrated.first, foreign(uncalibrated.second)
    request = matching_pb2.CompareTemplatesRequest(
        probe=convert.template_to_wire(own), references=map(convert.template_to_wire, (own, other))
    )
    for call, message, field in (
        (stub.CompareTemplates, request, "references[1]"),
        (stub.SearchGallery, matching_pb2.SearchGalleryRequest(probe=wire(other)), "probe.template"),
        (stub.ScoreSubjects, matching_pb2.ScoreSubjectsRequest(probe=wire(other), subject_ids=["a"]), "probe.template"),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(message)
        info = error_info(caught.value.trailing_metadata())
        assert (grpc.StatusCode.FAILED_PRECONDITION, "COMPARATOR_UNCALIBRATED") == (caught.value.code(), info.reason)
        assert (field, FOREIGN_COMPARATOR) == (info.metadata["field"], info.metadata["comparator_id"])
    info = (await stub.GetServiceInfo(matching_pb2.GetServiceInfoRequest())).info
    assert [OWN_MINUTIAE] == [each.model_id for each in info.compared_models]


async def test_a_template_with_too_few_minutiae_is_refused_whoever_made_it(running: Running) -> None:
    """A foreign template with two minutiae, and one that is damaged, name the probe."""
    data = running.first.data
    head = len(data) - 7 * data[1]
    few = Template(Modality.FINGERPRINT, FOREIGN_MINUTIAE, data[:1] + b"\x02" + data[2 : head + 14])
    for bad in (few, Template(Modality.FINGERPRINT, FOREIGN_MINUTIAE, data[:-1])):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await compared(running, bad, running.first)
        info = error_info(caught.value.trailing_metadata())
        assert ("TEMPLATE_MALFORMED", "probe") == (info.reason, info.metadata["field"])
