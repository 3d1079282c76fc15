"""A server with a policy, over gRPC: what is refused and why, quotas, evidence, and how much of answers leaves."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import grpc
import pytest
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2

from infra.wire.status import error_info, retry_delay_s
from tests.unit.fusion.policies import DESK, HEAD, OFFICE, rule
from tests.unit.fusion.wire.access.served import FACE, FINGER, refusal, samples, serving, stated, verification

MATCH, REVIEW = decision_pb2.OUTCOME_MATCH, decision_pb2.OUTCOME_REVIEW
VERIFIED = rule("r", '"desks"', '"verify", "identify", "read", "enrol"', '"default"', '"border"', "{}")


async def test_calls_are_refused_by_name_and_recorded(tmp_path: Path) -> None:
    """A refusal is PERMISSION_DENIED with its reason; records know caller, policy, and the rule or the reason."""
    async with serving(tmp_path, HEAD + VERIFIED.format("")) as server:
        call = server.stubs.decisions.VerifySubject
        denied = grpc.StatusCode.PERMISSION_DENIED
        assert (denied, "METHOD_NOT_ALLOWED") == await refusal(call(verification(), metadata=stated(OFFICE)))
        assert (denied, "PURPOSE_MISSING") == await refusal(call(verification(), metadata=stated(purpose="")))
        whole = await call(verification(), metadata=stated())
        first, second, third = server.records.kept
    assert [(OFFICE, "METHOD_NOT_ALLOWED"), (DESK, "PURPOSE_MISSING")] == [first[:2], second[:2]]
    assert (DESK, ("r",), "verify", whole) == (third[0], *third[1][1:], third[2])
    assert third[1][0].startswith("1@")


async def test_nobody_learns_whether_a_subject_of_another_gallery_exists(tmp_path: Path) -> None:
    """The refusal for a subject of another gallery is that for one who does not exist, to the letter."""
    policy = HEAD + VERIFIED.format("").replace('"default"', '"other"')
    async with serving(tmp_path, policy) as server:
        told = []
        for subject in ("ann", "nobody"):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await server.stubs.decisions.VerifySubject(verification(subject=subject), metadata=stated())
            told.append((caught.value.code(), caught.value.details(), error_info(caught.value.trailing_metadata())))
    assert told[0] == told[1]
    assert "GALLERY_NOT_ALLOWED" == told[0][2].reason


async def test_a_subject_can_be_tried_only_so_often(tmp_path: Path) -> None:
    """Misses about one subject are counted, matches and failed calls are not; the error says when to try again."""
    quota = 'quotas = [{ count = 2, window = "1h", per = "subject", only_misses = true }]'
    async with serving(tmp_path, HEAD + rule("r", '"desks"', '"verify"', '"default"', '"border"', quota)) as server:
        call = partial(server.stubs.decisions.VerifySubject, metadata=stated())
        for _ in range(3):
            assert MATCH == (await call(verification())).decision.outcome
            assert (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID") == await refusal(
                call(decisions_pb2.VerifySubjectRequest(subject_id="ann"))
            )
        for _ in range(2):
            assert MATCH != (await call(verification("bob"))).decision.outcome
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(verification())
        assert grpc.StatusCode.RESOURCE_EXHAUSTED is caught.value.code()
        wait_s = retry_delay_s(caught.value.trailing_metadata())
        assert 3600.0 <= wait_s <= 3660.0
        server.now += wait_s + 1.0
        assert MATCH == (await call(verification())).decision.outcome


async def test_answers_tell_what_the_rule_says_and_records_all(tmp_path: Path) -> None:
    """The caller gets coarse values; the witness was told the full ones."""
    async with serving(tmp_path, HEAD + VERIFIED.format('detail = "coarse"')) as server:
        server.services[FACE].mated = 2.3456
        answer = await server.stubs.decisions.VerifySubject(verification(), metadata=stated())
        ((_, _, recorded),) = server.records.kept
    assert (2.0, 0.0) == (answer.decision.evidence[0].comparison.llr, answer.decision.evidence[0].comparison.score)
    assert (pytest.approx(2.3456), MATCH) == (recorded.decision.evidence[0].comparison.llr, answer.decision.outcome)


async def test_nobody_is_identified_by_a_face_alone(tmp_path: Path) -> None:
    """A face alone is refused before any work, also as a trial enrolment; a bad print does not help it to a MATCH."""
    needs = "[galleries.default]\nidentify_needs = [{ fingerprint = 1 }, { face = 1, iris = 1 }]\n"
    async with serving(tmp_path, HEAD + needs + VERIFIED.format("")) as server:
        identify = partial(server.stubs.decisions.IdentifySubjects, metadata=stated())
        server.services[FACE].mated, server.services[FINGER].non_mated = 6.0, -0.5
        refused = (grpc.StatusCode.PERMISSION_DENIED, "EVIDENCE_NOT_ENOUGH")
        alone = decisions_pb2.IdentifySubjectsRequest(samples=samples("ann", FACE))
        assert refused == await refusal(identify(alone))
        trial = subjects_pb2.EnrollSubjectRequest(
            subject_id="zoe", samples=alone.samples, on_duplicate=subjects_pb2.ON_DUPLICATE_ALLOW, validate_only=True
        )
        assert refused == await refusal(server.stubs.subjects.EnrollSubject(trial, metadata=stated()))
        mixed = samples("ann", FACE) + samples("zoe", FINGER)
        found = await identify(decisions_pb2.IdentifySubjectsRequest(samples=mixed))
        assert (REVIEW, decision_pb2.DECISION_REASON_EVIDENCE_NOT_ENOUGH) == (
            found.decision.outcome,
            found.decision.reasons[0],
        )
        own = samples("ann", FACE, FINGER)
        assert MATCH == (await identify(decisions_pb2.IdentifySubjectsRequest(samples=own))).decision.outcome
        assert (
            MATCH
            == (
                await server.stubs.decisions.VerifySubject(verification("ann", FACE), metadata=stated())
            ).decision.outcome
        )  # verification was not restricted


async def test_a_trial_enrolment_that_searches_needs_the_right_to_identify(tmp_path: Path) -> None:
    """With a check for duplicates, a trial tells who is like the samples; without one it tells nobody."""
    policy = HEAD + rule("r", '"desks"', '"enrol"', '"default"', '"border"')
    async with serving(tmp_path, policy) as server:
        call = partial(server.stubs.subjects.EnrollSubject, metadata=stated())
        request = subjects_pb2.EnrollSubjectRequest(
            request_id="11111111-1111-4111-8111-111111111119",
            subject_id="zoe",
            samples=samples("zoe", FACE),
            validate_only=True,
        )
        assert not (await call(request)).duplicate_checks
        request.on_duplicate = subjects_pb2.ON_DUPLICATE_ALLOW
        assert (grpc.StatusCode.PERMISSION_DENIED, "METHOD_NOT_ALLOWED") == await refusal(call(request))


async def test_galleries_that_the_caller_may_not_read_are_not_named(tmp_path: Path) -> None:
    """Who reads a subject does not learn that it is in a watchlist too; records do."""
    policy = HEAD + rule("r", '"desks"', '"read"', '"default"', '"border"')
    async with serving(tmp_path, policy) as server:
        await server.store.join_galleries("ann", ["watchlist"], "11111111-1111-4111-8111-111111111118", "d")
        request = subjects_pb2.GetSubjectRequest(subject_id="ann")
        told = await server.stubs.subjects.GetSubject(request, metadata=stated())
        page = subjects_pb2.ListSubjectsRequest(gallery="default")
        (listed,) = (await server.stubs.subjects.ListSubjects(page, metadata=stated())).subjects
        recorded = server.records.kept[0][2]
    assert [["default"], ["default"]] == [list(each.galleries) for each in (told.subject, listed)]
    assert ["default", "watchlist"] == sorted(recorded.subject.galleries)


async def test_a_stream_is_refused_before_it_begins(tmp_path: Path) -> None:
    """Whoever may not watch gets no token."""
    async with serving(tmp_path, HEAD + VERIFIED.format("")) as server:
        stream = server.stubs.subjects.WatchChanges(subjects_pb2.WatchChangesRequest(), metadata=stated())
        assert (grpc.StatusCode.PERMISSION_DENIED, "METHOD_NOT_ALLOWED") == await refusal(stream.read())


async def test_requests_that_name_too_much_are_refused_before_the_store_is_asked(tmp_path: Path) -> None:
    """More galleries than a subject may be in are INVALID_ARGUMENT, also where the caller may use none of them."""
    async with serving(tmp_path, HEAD + VERIFIED.format("")) as server:
        enrolment = subjects_pb2.EnrollSubjectRequest(subject_id="zoe", galleries=map(str, range(65)))
        found = await refusal(server.stubs.subjects.EnrollSubject(enrolment, metadata=stated()))
    assert (grpc.StatusCode.INVALID_ARGUMENT, "FIELD_INVALID") == found
