"""The fingerprint service with minutiae that others found."""

from __future__ import annotations

from collections.abc import AsyncIterator

import grpc
import pytest
from biofusion.matching.v1 import matching_pb2
from biofusion.type.v1 import sample_pb2

from biometrics.sample import Sample
from biometrics.template import Modality, Template
from infra.calibrations.pairs import (
    EARLIER_COMPARATOR,
    EARLIER_MINUTIAE,
    FOREIGN_COMPARATOR,
    FOREIGN_MINUTIAE,
    OWN_MINUTIAE,
)
from infra.wire import convert
from infra.wire.status import error_info
from tests.service.matching.foreign_service import (
    INDEX,
    OWN_COMPARATOR,
    Running,
    earlier,
    enrolled,
    foreign,
    started,
    with_foreign,
    without_foreign,
)


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
    """With a template of the previous model on either side, signs do not count; with a foreign one neither."""
    own, other = running.first, running.second
    references = other, earlier(other), foreign(other)
    (of_own, score), (of_earlier, bare), (of_foreign, same) = await compared(running, own, *references)
    assert (OWN_COMPARATOR, EARLIER_COMPARATOR, FOREIGN_COMPARATOR) == (of_own, of_earlier, of_foreign)
    assert (score > bare + 0.2, bare) == (True, same)
    before = [(EARLIER_COMPARATOR, bare), (EARLIER_COMPARATOR, bare), (FOREIGN_COMPARATOR, bare)]
    assert before == await compared(running, earlier(own), *references)
    assert [(FOREIGN_COMPARATOR, bare)] * 3 == await compared(running, foreign(own), *references)


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
    assert [
        (OWN_MINUTIAE, OWN_COMPARATOR, 3),
        (EARLIER_MINUTIAE, EARLIER_COMPARATOR, 0),
        (FOREIGN_MINUTIAE, FOREIGN_COMPARATOR, 2),
    ] == [(each.model_id, each.comparator_id, each.subject_count) for each in info.compared_models]


async def test_subjects_of_the_previous_model_are_found_beside_new_ones(running: Running) -> None:
    """By own probes and by those of the previous model, with the comparator of each pair; the mates come first."""
    await enrolled(running, "new", running.first)
    await enrolled(running, "earlier", earlier(running.first))
    await enrolled(running, "nobody", earlier(running.other))
    for probe, comparator in ((running.second, OWN_COMPARATOR), (earlier(running.second), EARLIER_COMPARATOR)):
        found = await running.stub.SearchGallery(matching_pb2.SearchGalleryRequest(probe=wire(probe)))
        hits = {each.subject_id: each for each in found.candidates}
        assert ("new", comparator, OWN_MINUTIAE, 1) == _facts(hits["new"])
        assert ("earlier", EARLIER_COMPARATOR, EARLIER_MINUTIAE, 1) == _facts(hits["earlier"])
        assert (3, "nobody") == (found.searched_subject_count, found.candidates[-1].subject_id)


def _facts(candidate: matching_pb2.Candidate) -> tuple[str, str, str, int]:
    comparison = candidate.comparison
    return candidate.subject_id, comparison.comparator_id, candidate.reference_model_id, candidate.comparison_count


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
    assert [OWN_MINUTIAE, EARLIER_MINUTIAE] == [each.model_id for each in info.compared_models]


async def test_a_template_with_too_few_minutiae_is_refused_whoever_made_it(running: Running) -> None:
    """A foreign template with two minutiae, and one that is damaged, name the probe."""
    data = foreign(running.first).data
    head = len(data) - 7 * data[1]
    few = Template(Modality.FINGERPRINT, FOREIGN_MINUTIAE, data[:1] + b"\x02" + data[2 : head + 14])
    for bad in (few, Template(Modality.FINGERPRINT, FOREIGN_MINUTIAE, data[:-1])):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await compared(running, bad, running.first)
        info = error_info(caught.value.trailing_metadata())
        assert ("TEMPLATE_MALFORMED", "probe") == (info.reason, info.metadata["field"])
