"""Builds what a process needs to keep review cases."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial

from biofusion.review.v1.review_pb2_grpc import add_ReviewServiceServicer_to_server

from gallery.ending import end
from gallery.store.subject_store import PartitionedStore
from infra.serving.server import Registration
from infra.telemetry.instruments import Reading
from infra.telemetry.metrics import reviews as metrics
from review.keeping.cases import Cases
from review.keeping.evidence import Evidence
from review.keeping.subjects import StoredSubjects
from review.keeping.vault import Vault
from review.options import ReviewOptions
from review.persons import Persons
from review.reviewing.erasures import Erasures
from review.reviewing.kept import Kept
from review.reviewing.reviews import Reviews
from review.reviewing.telling import Telling
from review.reviewing.upkeep import Upkeep
from review.reviewing.watching import Pace
from review.reviewing.witness import ReviewWitness, Unrecorded
from review.wire import servicer


class ReviewProcess:
    """The service of reviews of one store, and what looks after its cases between `start` and `close`.

    Args:
        store: of subjects and cases.
        options: of reviews.
        witness: keeps a record of what happens by itself; None: nobody does.
        clock: returns seconds since 1970.
        pace: of watching.
    """

    def __init__(
        self,
        store: PartitionedStore,
        options: ReviewOptions,
        witness: ReviewWitness | None = None,
        clock: Callable[[], float] = time.time,
        pace: Pace | None = None,
    ) -> None:
        documents = store.backend.documents
        cases = Cases(documents, options.retention_s)
        stored = (cases, Evidence(documents), Vault(store), StoredSubjects(store))
        self.kept = Kept(*stored, options, clock, witness or Unrecorded())
        self.reviews, self.erasures = Reviews(self.kept), Erasures(store, self.kept)
        self.upkeep = Upkeep(self.kept, Telling(self.kept))
        self.servicer = servicer.ReviewServicer(self.reviews, self.kept, Persons(options.consoles), pace)
        self._following: asyncio.Task[None] | None = None

    @property
    def registration(self) -> Registration:
        """The service of a server."""
        add = partial(add_ReviewServiceServicer_to_server, self.servicer)
        return Registration(servicer.NAME, add, readings=lambda: tuple(self._readings()))

    def start(self) -> None:
        """Begin to look after cases."""
        self.upkeep.start()
        self._following = asyncio.create_task(self.erasures.follow(), name="erasures of reviews")

    async def close(self) -> None:
        """Stop."""
        await self.upkeep.close()
        if self._following:
            await end(self._following)
        await self.kept.cases.close()

    def _readings(self) -> Iterator[Reading]:
        for state, count in self.upkeep.counts.items():
            yield Reading(metrics.WAITING, count, (state.value,))
        oldest = self.upkeep.oldest_time
        yield Reading(metrics.OLDEST_S, self.kept.clock() - oldest if oldest else 0.0)
