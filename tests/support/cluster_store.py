"""A store in memory that processes of a Ray cluster share: one actor holds the bytes, the others call it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import ray

from biometrics.errors import BiofusionError
from biometrics.template import Modality
from gallery.cluster.messages import Refused
from gallery.store.backend import SubjectRows
from gallery.store.subject_store import PartitionedStore
from tests.support.fakes.memory_backend import MemoryBackend, MemoryKey, MemoryKeyTable


class Held:
    """The parts of a store in memory, in an actor."""

    def __init__(self, partition_count: int) -> None:
        self.parts = {"backend": MemoryBackend(partition_count), "table": MemoryKeyTable(), "key": MemoryKey()}

    async def call(self, part: str, method: str, *args: Any, **options: Any) -> Any:
        """Call a method of a part."""
        try:
            found = getattr(self.parts[part], method)(*args, **options)
            return [page async for page in found] if method == "scan" else await found
        except BiofusionError as error:
            return Refused.of(error)

    def put(self, part: str, name: str, value: Any) -> None:
        """Set an attribute of a part, e.g. `down`."""
        setattr(self.parts[part], name, value)


@dataclass
class Remote:
    """One part, as another process sees it."""

    actor: Any
    part: str
    doubts: tuple[str, ...] = ()

    def __getattr__(self, method: str) -> Any:
        async def call(*args: Any, **options: Any) -> Any:
            answer = await self.actor.call.remote(self.part, method, *args, **options)
            if isinstance(answer, Refused):
                raise answer.error
            return answer

        return call

    async def scan(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[Sequence[SubjectRows]]:
        """See Backend."""
        for page in await self.actor.call.remote(self.part, "scan", modality, partitions, page_size):
            yield page


def cluster_store(actor: str) -> PartitionedStore:
    """The store in the actor of this name."""
    held = ray.get_actor(actor, "biofusion")
    return PartitionedStore(*(Remote(held, part) for part in ("backend", "table", "key")))
