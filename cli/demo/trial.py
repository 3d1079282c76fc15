"""A trial: enrol a cohort, then identify everybody with every non-empty subset of the modalities."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import grpc
from biofusion.fusion.v1 import decisions_pb2, subjects_pb2
from biofusion.type.v1 import decision_pb2, sample_pb2

from biometrics.template import MissingReason, Modality
from cli.demo.cohort import Capture, Cohort, Member
from cli.demo.scenarios import missing_to_wire
from cli.output.tables import outcome_name
from cli.stubs import FusionStubs
from gallery.subject import Missing
from infra.wire.convert import sample_to_wire
from infra.wire.status import error_info

Progress = Callable[[str, int, int], None]
Subset = tuple[Modality, ...]


class Result(StrEnum):
    """The result of an identification, compared with the truth."""

    MATCH = "MATCH"
    REVIEW = "REVIEW"
    NO_MATCH = "NO_MATCH"
    WRONG = "WRONG"
    NOT_ACQUIRED = "NOT_ACQUIRED"


@dataclass(frozen=True, slots=True)
class Question:
    """One identification to make.

    Args:
        member: the person whose captures are sent.
        subset: the modalities sent.
        captures: the captures sent.
        complete: whether these are all captures of the probe.
    """

    member: Member
    subset: Subset
    captures: tuple[Capture, ...]
    complete: bool

    @property
    def known(self) -> bool:
        """Whether the person is among those enrolled."""
        return bool(self.member.references)


@dataclass(frozen=True, slots=True)
class Observation:
    """One identification that was made.

    Args:
        subset: the modalities sent.
        complete: whether they are all that the probe has.
        known: whether the person is enrolled.
        result: MATCH and REVIEW of a known person name that person; WRONG names another person. NOT_ACQUIRED: no sample
            could be used.
        seconds: duration of the call.
        sample_count: number of samples sent.
        failure_count: number of samples that could not be used.
    """

    subset: Subset
    complete: bool
    known: bool
    result: Result
    seconds: float
    sample_count: int
    failure_count: int


@dataclass(frozen=True, slots=True)
class Trial:
    """All identifications of a cohort.

    Args:
        observations: every identification.
        enrolled_count: number of people enrolled.
        reference_count: number of their samples.
        failed_references: samples that could not be enrolled, e.g. `person-03 FACE: FACES_AMBIGUOUS`.
    """

    observations: tuple[Observation, ...]
    enrolled_count: int
    reference_count: int
    failed_references: tuple[str, ...]


def hold(stub: FusionStubs, cohort: Cohort, progress: Progress) -> Trial:
    """Enrol all known people in one gallery, then identify everybody."""
    failed: list[str] = []
    token, enrolled = "", 0
    for number, member in enumerate(cohort.known, start=1):
        written = _enroll(stub, member, failed)
        token, enrolled = written or token, enrolled + bool(written)
        progress("enrol", number, len(cohort.known))
    asked = list(_questions(cohort))
    observations = []
    for number, question in enumerate(asked, start=1):
        observations.append(_identify(stub, question, token))
        progress("identify", number, len(asked))
    references = sum(len(member.references) for member in cohort.known)
    return Trial(tuple(observations), enrolled, references, tuple(failed))


def subsets() -> list[Subset]:
    """The 7 non-empty subsets, all modalities first."""
    return [subset for size in (3, 2, 1) for subset in combinations(Modality, size)]


def _questions(cohort: Cohort) -> Iterator[Question]:
    """Every probe set with every subset of modalities that it has samples of."""
    for member in (*cohort.known, *cohort.strangers):
        for probe in member.probes:
            for subset in subsets():
                captures = tuple(each for each in probe if each.modality in subset)
                if {each.modality for each in captures} == set(subset):
                    yield Question(member, subset, captures, len(captures) == len(probe))


def _enroll(stub: FusionStubs, member: Member, failed: list[str]) -> str:
    """Enrol the usable samples, stating unusable ones as missing; returns the token, "" if no sample is usable."""
    captures, missing = list(member.references), list[Missing]()
    while captures:
        request = subjects_pb2.EnrollSubjectRequest(
            request_id=str(uuid.uuid4()),
            subject_id=member.subject_id,
            samples=_samples(captures),
            missing=map(missing_to_wire, missing),
        )
        try:
            return stub.subjects.EnrollSubject(request).consistency_token
        except grpc.RpcError as error:
            info = error_info(error.trailing_metadata())
            if error.code() is not grpc.StatusCode.FAILED_PRECONDITION or "sample" not in info.metadata:
                raise
            bad = captures.pop(int(info.metadata["sample"].removeprefix("samples[").removesuffix("]")))
            failed.append(f"{member.subject_id} {bad.modality} {bad.position}: {info.reason}")
            missing.append(Missing(bad.modality, bad.position, MissingReason.LOW_QUALITY))
    return ""


def _identify(stub: FusionStubs, question: Question, token: str) -> Observation:
    request = decisions_pb2.IdentifySubjectsRequest(samples=_samples(question.captures), consistency_token=token)
    result, failures = Result.NOT_ACQUIRED, len(question.captures)
    begin = time.perf_counter()
    try:
        found = stub.decisions.IdentifySubjects(request)
        result, failures = _result(question, found), _unusable(found.decision)
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
            raise
    seconds = time.perf_counter() - begin
    return Observation(
        question.subset, question.complete, question.known, result, seconds, len(question.captures), failures
    )


def _result(question: Question, found: decisions_pb2.IdentifySubjectsResponse) -> Result:
    if question.known and not found.subject_id:
        return Result.NO_MATCH
    if question.known and found.subject_id != question.member.subject_id:
        return Result.WRONG
    return Result(outcome_name(found.decision.outcome))


def _unusable(decision: decision_pb2.Decision) -> int:
    return sum(each.status == decision_pb2.EVIDENCE_STATUS_SAMPLE_UNUSABLE for each in decision.evidence)


def _samples(captures: Sequence[Capture]) -> list[sample_pb2.Sample]:
    return [sample_to_wire(capture.sample()) for capture in captures]
