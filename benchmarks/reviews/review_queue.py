"""A queue of 100,000 review cases in SQLite, over gRPC: to list 50 and to claim one, against a queue of 1,000."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

import grpc
from biofusion.review.v1 import review_pb2, review_pb2_grpc
from biofusion.type.v1 import decision_pb2

from benchmarks.harness import Row, compare, median_ms
from benchmarks.services.synthetic_store import SqliteStore
from gallery.store.subject_store import PartitionedStore
from infra.serving.server import Server
from infra.settings import Settings
from review.case import Case, Event
from review.options import ReviewOptions
from review.states import ReviewState
from review.wire.assembly import ReviewProcess

MANY, FEW = 100_000, 1_000
AT_ONCE = 500
PARTITIONS = 64
CALLS = 100
OFFICER = "biofusion-officer"


class Queue:
    """A running review service with waiting cases.

    Args:
        folder: of its store.
        size: how many cases wait.
    """

    def __init__(self, folder: Path, size: int) -> None:
        folder.mkdir()
        self._folder, self._size, self._count = folder, size, 0

    async def start(self) -> None:
        """Write the cases, and begin to listen."""
        self._store: PartitionedStore = SqliteStore(self._folder, PARTITIONS)
        self._process = ReviewProcess(self._store, ReviewOptions())
        for first in range(0, self._size, AT_ONCE):
            await asyncio.gather(*(self._add(number) for number in range(first, first + AT_ONCE)))
        self._server = Server(Settings(port=0, drain_s=0.0), 0)
        await self._server.start([self._process.registration])
        self._channel = grpc.aio.insecure_channel(self._server.address)
        self._stub = review_pb2_grpc.ReviewServiceStub(self._channel)

    async def list(self) -> None:
        """List the 50 most urgent cases that a reviewer can claim."""
        request = review_pb2.ListReviewCasesRequest(view=review_pb2.REVIEW_VIEW_FREE)
        response = await self._stub.ListReviewCases(request, metadata=[(OFFICER, "reader")], timeout=60)
        assert len(response.review_cases) == 50

    async def claim(self) -> None:
        """Claim the most urgent case, as a reviewer who has none."""
        self._count += 1
        metadata = [(OFFICER, f"reviewer-{self._count}")]
        await self._stub.ClaimReviewCase(review_pb2.ClaimReviewCaseRequest(), metadata=metadata, timeout=60)

    async def stop(self) -> None:
        """Stop it."""
        await self._channel.close()
        await self._server.stop()
        await self._process.close()
        await self._store.close()

    async def _add(self, number: int) -> None:
        now, case_id = time.time(), f"case-{number:06d}"
        message = review_pb2.CreateReviewCaseRequest(decision=decision_pb2.Decision(llr=1.0))
        await self._process.kept.evidence.put(case_id, message.SerializeToString())
        case = Case(
            id=case_id,
            state=ReviewState.OPEN,
            revision=1,
            priority=number % 10,
            create_time=now,
            update_time=now,
            due_time=now + 86_400,
            expire_time=now + 10 * 86_400,
            subject_id=f"subject-{number}",
            subject_name=f"{number:032x}",
            history=(Event(now, ReviewState.OPEN, "caller"),),
        )
        await self._process.kept.cases.add(case)


def measure() -> Row:
    """The row is of a claim, which writes; medians, 95th percentiles and CPU of lists and claims are also printed."""
    with tempfile.TemporaryDirectory() as name, asyncio.Runner() as runner:
        folder = Path(name)
        many, few = Queue(folder / "many", MANY), Queue(folder / "few", FEW)
        for queue in (many, few):
            runner.run(queue.start())
        _told(runner, "list 50", many.list)
        _told(runner, "claim", many.claim)
        row = compare(
            f"ClaimReviewCase of the most urgent of {MANY:,} cases",
            lambda: runner.run(many.claim()),
            f"the same of {FEW:,}",
            lambda: runner.run(few.claim()),
            (median_ms(lambda: _synced(folder / "file")), "to sync one write to the disk"),
        )
        for queue in (many, few):
            runner.run(queue.stop())
    return row


def _told(runner: asyncio.Runner, what: str, call: Callable[[], object]) -> None:
    times, worked = [], time.process_time()
    for _ in range(CALLS):
        begin = time.perf_counter()
        runner.run(call())  # type: ignore[arg-type]  # a coroutine
        times.append(1000 * (time.perf_counter() - begin))
    cpu_ms, high = 1000 * (time.process_time() - worked) / CALLS, quantiles(times, n=20)[-1]
    print(
        f"{what}, {MANY:,} cases: median {median(times):.1f} ms, 95 % within {high:.1f} ms; CPU of server and client "
        f"{cpu_ms:.1f} ms; {CALLS} calls"
    )


def _synced(path: Path) -> None:
    with path.open("ab") as file:
        file.write(bytes(4096))
        file.flush()
        os.fsync(file.fileno())
