"""Jobs → operations, and rows of their results → messages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from biofusion.fusion.v1 import decisions_pb2, jobs_pb2
from biofusion.type.v1 import decision_pb2
from google.longrunning import operations_pb2
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2, error_details_pb2, status_pb2

from fusion.bulk.work.outcomes import Detail, Named
from fusion.decision.decision import Outcome
from fusion.jobs.parts import Row
from fusion.jobs.values import Callback, Job, JobState
from fusion.wire.answers import OUTCOMES
from fusion.wire.jobs.specs import KINDS
from infra.wire.status import DOMAIN, MAX_TEXT

LOOKED_BACK_S = 60.0
MOST_JOBS = 1000


class Rates:
    """Rows per second of the last minute, as far as this process was asked for the job meanwhile.

    Args:
        clock: returns seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, deque[tuple[float, int]]] = {}

    def rate(self, job: Job) -> float:
        """Rows per second; since the start of the job where nothing is known of the last minute; 0 at its end."""
        now = self._clock()
        seen = self._seen.pop(job.name, None) or deque([(job.start_time or now, 0)])
        if job.state.is_final:
            return job.rate(now)
        if len(self._seen) >= MOST_JOBS:
            self._seen.pop(next(iter(self._seen)))
        self._seen[job.name] = seen
        seen.append((now, job.counts.rows))
        while len(seen) > 2 and seen[1][0] < now - LOOKED_BACK_S:
            seen.popleft()
        begin, rows = seen[0]
        return max(0.0, (job.counts.rows - rows) / (now - begin)) if now > begin else 0.0


def operation_of(job: Job, rate: float, retention_s: float) -> operations_pb2.Operation:
    """The operation that a job is.

    Args:
        job: as it is in the store.
        rate: rows per second.
        retention_s: time for which it is kept after its end.
    """
    operation = operations_pb2.Operation(
        name=job.name, metadata=_packed(_metadata(job, rate, retention_s)), done=job.state.is_final
    )
    if job.state is JobState.DONE:
        operation.response.CopyFrom(_packed(_summary(job)))
    elif job.state.is_final:
        operation.error.CopyFrom(_error(job))
    return operation


def result_of(row: Row) -> jobs_pb2.JobResult:
    """One row of the results."""
    detail = Detail.of(row)
    return jobs_pb2.JobResult(
        row=detail.number,
        key=row.key,
        outcome=jobs_pb2.RowOutcome.Value(f"ROW_OUTCOME_{row.outcome.value}"),
        reason=row.reason,
        message=detail.message,
        candidates=[_ranked(rank, each) for rank, each in enumerate(detail.candidates, 1)],
    )


def _ranked(rank: int, named: Named) -> decisions_pb2.RankedSubject:
    decision = decision_pb2.Decision()
    if named.outcome in Outcome.__members__:
        decision.outcome = OUTCOMES.to_wire(Outcome(named.outcome))
    if named.llr is not None:
        decision.llr = named.llr
    return decisions_pb2.RankedSubject(subject_id=named.subject_id, rank=rank, decision=decision)


def _metadata(job: Job, rate: float, retention_s: float) -> jobs_pb2.JobMetadata:
    return jobs_pb2.JobMetadata(
        kind=KINDS.get(job.kind, jobs_pb2.JOB_KIND_UNSPECIFIED),
        state=jobs_pb2.JobState.Value(f"JOB_STATE_{job.state.value}"),
        create_time=_time(job.create_time),
        start_time=_time(job.start_time),
        end_time=_time(job.end_time),
        expire_time=_time(job.end_time + retention_s if job.end_time else 0.0),
        total_count=job.total,
        total_is_final=job.is_planned,
        done_count=job.counts.done,
        refused_count=job.counts.refused,
        repeated_count=job.counts.repeated,
        rate=rate,
        status_detail=job.error.message if job.error else job.status_detail,
        cancel_requested=job.state in (JobState.CANCELLING, JobState.CANCELLED),
        callback_state=_callback_state(job.callback),
    )


def _summary(job: Job) -> jobs_pb2.JobSummary:
    return jobs_pb2.JobSummary(
        done_count=job.counts.done,
        refused_count=job.counts.refused,
        repeated_count=job.counts.repeated,
        refused_by_reason=job.summary.get("refused_by_reason", {}),
        facts=job.summary.get("facts", {}),
    )


def _error(job: Job) -> status_pb2.Status:
    if job.error is None:
        return status_pb2.Status(code=code_pb2.CANCELLED, message="The job was cancelled. Its results are kept.")
    code = code_pb2.INTERNAL if job.error.reason == "INTERNAL" else code_pb2.FAILED_PRECONDITION
    info = error_details_pb2.ErrorInfo(reason=job.error.reason, domain=DOMAIN)
    return status_pb2.Status(code=code, message=job.error.message[:MAX_TEXT], details=[_packed(info)])


def _callback_state(callback: Callback) -> str:
    if not callback.url:
        return ""
    if not callback.attempts:
        return "PENDING"
    if callback.is_due:
        return "RETRY"
    return "DELIVERED" if callback.status.startswith("2") else "FAILED"


def _time(seconds: float) -> Timestamp | None:
    if not seconds:
        return None
    time = Timestamp()
    time.FromMicroseconds(round(1_000_000 * seconds))
    return time


def _packed(message: Message) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed
